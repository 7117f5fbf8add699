package dev.mtl.core.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;

import dev.mtl.core.MtlException;

import java.nio.file.Path;
import java.util.Locale;

/**
 * The native tokenizer library of this process, in words for people.
 *
 * @param version of the tokenizers artifact
 * @param flavor which build of it was chosen: {@code cpu} is the one in the artifact
 * @param directory where it was unpacked to
 * @param offline whether DJL is kept from downloading another one
 */
public record TokenizerInfo(String version, String flavor, Path directory, boolean offline) {
    /**
     * Loads the library if that has not happened yet.
     *
     * @throws MtlException if it cannot be loaded; says why
     */
    public static TokenizerInfo load() {
        TextTokenizer.useBundledNatives();
        try {
            LibUtils.checkStatus();
            return new TokenizerInfo(
                    Platform.detectPlatform("tokenizers").getVersion(),
                    Utils.getEnvOrSystemProperty("RUST_FLAVOR", "").toLowerCase(Locale.ROOT),
                    Utils.getEngineCacheDir("tokenizers"),
                    Utils.isOfflineMode());
        } catch (RuntimeException | LinkageError e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new MtlException(
                    "the tokenizers library cannot be loaded: " + cause.getMessage(), e);
        }
    }

    /** Whether it is the build that is in the artifact. */
    public boolean bundled() {
        return flavor.startsWith("cpu");
    }
}
