package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.FileStamps;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Compares the files of models in the cache with their checksums when they are loaded: a flipped
 * bit in a weight gives other numbers, and no other sign.
 */
enum CacheCheck {
    /** A file whose last check is a day old, or that has changed since. */
    DAILY(Duration.ofDays(1)),
    /** Every file, every time. */
    ALWAYS(Duration.ZERO),
    /** Sizes only. */
    NEVER(Duration.ofSeconds(Long.MAX_VALUE));

    /** The environment variable that chooses one. */
    private static final String VARIABLE = "MTL_VERIFY";

    private final Duration age;

    CacheCheck(Duration age) {
        this.age = age;
    }

    /**
     * What {@code MTL_VERIFY} says; daily if it is not set.
     *
     * @throws ConfigurationException if it says something else
     */
    static CacheCheck of(Map<String, String> environment) {
        var value = environment.getOrDefault(VARIABLE, "");
        if (value.isBlank()) {
            return DAILY;
        }
        return Arrays.stream(values())
                .filter(check -> check.word().equals(value))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ConfigurationException(
                                        "%s is '%s'; known: %s"
                                                .formatted(
                                                        VARIABLE,
                                                        value,
                                                        Arrays.stream(values())
                                                                .map(CacheCheck::word)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the files whose time has come.
     *
     * @throws MtlException if one does not have its checksum; the message names it
     */
    void check(String name, Path folder, Manifest manifest) {
        if (this == NEVER) {
            return;
        }
        try {
            var stamps = FileStamps.read(folder);
            var damaged = new ArrayList<String>();
            boolean read = false;
            for (var file : manifest.files().entrySet()) {
                if (stamps.isFresh(file.getKey(), age)) {
                    continue;
                }
                read = true;
                if (manifest.isUndamaged(folder, file.getKey())) {
                    stamps.put(file.getKey());
                } else {
                    damaged.add(file.getKey());
                }
            }
            if (!damaged.isEmpty()) {
                throw new MtlException(
                        "%s is damaged: %s; delete %s and try again"
                                .formatted(name, String.join(", ", damaged), folder));
            }
            if (read) {
                stamps.write();
            }
        } catch (IOException e) {
            throw new MtlException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }
}
