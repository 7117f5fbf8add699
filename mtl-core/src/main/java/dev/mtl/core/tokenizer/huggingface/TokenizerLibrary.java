package dev.mtl.core.tokenizer.huggingface;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Platform;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.FileStamps;
import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The native tokenizer library that DJL has unpacked into a folder of the cache. One that is cut or
 * changed ends the process when it is loaded, or later, so it is compared with the one in DJL's
 * jar: the size at each start, its contents where it has changed since they were last compared.
 */
final class TokenizerLibrary {
    private static final Logger LOG = Loggers.of(TokenizerLibrary.class);
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);
    private static final int BUFFER = 1 << 16;

    private TokenizerLibrary() {}

    /**
     * Deletes what DJL has unpacked if it is damaged, so that DJL unpacks it again.
     *
     * @param cache DJL's cache folder for tokenizers
     * @throws MtlException if it is damaged and cannot be deleted
     */
    static void removeDamaged(Path cache) {
        var damaged = damage(cache, false);
        if (!damaged.isEmpty()) {
            LOG.warn("{}: unpacking it again", damaged.getFirst());
            AtomicDirectory.delete(folder(cache));
        }
    }

    /**
     * What is wrong with the library; empty if nothing is, or nothing is unpacked.
     *
     * @param always whether to read one that has not changed since it was last compared
     */
    static List<String> damage(Path cache, boolean always) {
        var folder = folder(cache);
        var name = System.mapLibraryName("tokenizers");
        var file = folder.resolve(name);
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            var stamps = FileStamps.read(folder);
            if (!always && stamps.isFresh(name, FOR_EVER)) {
                return List.of();
            }
            if (!sameAsInJar(file, name)) {
                return List.of(file + " is not the library in DJL's jar");
            }
            stamps.put(name);
            stamps.write();
            return List.of();
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /** Where DJL unpacks the library of this platform. */
    private static Path folder(Path cache) {
        var platform = Platform.detectPlatform("tokenizers");
        var folder = cache.resolve(platform.getVersion() + "-cpu-" + platform.getClassifier());
        var arch = platform.getCudaArch();
        return arch == null || arch.isEmpty() ? folder : folder.resolve(arch);
    }

    private static boolean sameAsInJar(Path file, String name) throws IOException {
        var platform = Platform.detectPlatform("tokenizers");
        var resource = "native/lib/" + platform.getClassifier() + "/cpu/" + name;
        try (var expected = LibUtils.class.getClassLoader().getResourceAsStream(resource)) {
            if (expected == null) {
                LOG.debug("no {} on the class path", resource);
                return true;
            }
            try (var actual = Files.newInputStream(file)) {
                return same(expected, actual);
            }
        }
    }

    private static boolean same(InputStream one, InputStream other) throws IOException {
        while (true) {
            var a = one.readNBytes(BUFFER);
            if (!Arrays.equals(a, other.readNBytes(BUFFER))) {
                return false;
            }
            if (a.length == 0) {
                return true;
            }
        }
    }
}
