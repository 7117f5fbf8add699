package dev.mtl.core.tokenizer.huggingface;

import ai.djl.util.Platform;
import ai.djl.util.Utils;

import dev.mtl.core.MtlException;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The native tokenizer library of this process, for {@code mtl doctor}.
 *
 * @param version of the tokenizers artifact
 * @param flavor which build of it was chosen: {@code cpu} is the one in the artifact
 * @param directory where it was unpacked
 * @param offline whether DJL is prevented from downloading another build
 */
public record TokenizerInfo(String version, String flavor, Path directory, boolean offline) {
    /**
     * Loads the library if it is not loaded yet.
     *
     * @throws MtlException if it cannot be loaded; the message says why
     */
    public static TokenizerInfo load() {
        var directory = BundledTokenizers.load();
        return new TokenizerInfo(
                Platform.detectPlatform("tokenizers").getVersion(),
                Utils.getEnvOrSystemProperty(BundledTokenizers.FLAVOR, "").toLowerCase(Locale.ROOT),
                directory,
                Utils.isOfflineMode());
    }

    /** Compares the unpacked library with the one in the artifact; one line if it is damaged. */
    public List<String> damage() {
        return bundled() ? TokenizerLibrary.damage(directory, true) : List.of();
    }

    /** Whether it is the build in the artifact. */
    public boolean bundled() {
        return flavor.startsWith("cpu");
    }
}
