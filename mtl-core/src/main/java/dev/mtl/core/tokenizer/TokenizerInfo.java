package dev.mtl.core.tokenizer;

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
        var directory = BundledTokenizers.load();
        return new TokenizerInfo(
                Platform.detectPlatform("tokenizers").getVersion(),
                Utils.getEnvOrSystemProperty(BundledTokenizers.FLAVOR, "").toLowerCase(Locale.ROOT),
                directory,
                Utils.isOfflineMode());
    }

    /** Whether it is the build that is in the artifact. */
    public boolean bundled() {
        return flavor.startsWith("cpu");
    }
}
