package dev.mtl.core.pooling.modules;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/**
 * {@code 1_Pooling/config.json}: up to version 5 of sentence-transformers a flag for each pooling,
 * since version 6 {@code pooling_mode}, a name or a list of names.
 */
final class PoolingModule {
    private static final String FILE = "config.json";
    private static final String MODE = "pooling_mode";
    private static final String INCLUDE_PROMPT = "include_prompt";
    private static final String FLAG = MODE + "_";

    /** The order in which the results of several flags are concatenated. */
    private static final List<Pooling> OF_FLAGS =
            List.of(
                    Pooling.CLS,
                    Pooling.MAX,
                    Pooling.MEAN,
                    Pooling.MEAN_SQRT_LEN_TOKENS,
                    Pooling.WEIGHTEDMEAN,
                    Pooling.LASTTOKEN);

    /** The flags that a file always has, set or not. */
    private static final List<Pooling> ALWAYS_WRITTEN =
            List.of(Pooling.MEAN, Pooling.CLS, Pooling.MAX);

    private PoolingModule() {}

    /**
     * Reads a module's folder.
     *
     * @return without layers and normalization
     * @throws MtlException if it names a pooling that MTL does not compute
     */
    static Readout read(Path folder) {
        var file = folder.resolve(FILE);
        var json = JsonFiles.read(file);
        return new Readout(
                json.hasNonNull(MODE) ? named(json.path(MODE), file) : flagged(json, file),
                json.path(INCLUDE_PROMPT).asBoolean(true),
                List.of(),
                Normalization.NONE);
    }

    private static List<Pooling> named(JsonNode modes, Path file) {
        var poolings = new ArrayList<Pooling>();
        if (modes.isTextual()) {
            poolings.add(pooling(modes.asText(), file));
        } else {
            modes.forEach(mode -> poolings.add(pooling(mode.asText(), file)));
        }
        if (poolings.isEmpty()) {
            throw new MtlException(file + ": " + MODE + " names no pooling");
        }
        return poolings;
    }

    private static Pooling pooling(String name, Path file) {
        return Arrays.stream(Pooling.values())
                .filter(pooling -> name(pooling).equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(name, file));
    }

    /** The poolings whose flag is set; the mean if none is, as in sentence-transformers. */
    private static List<Pooling> flagged(JsonNode json, Path file) {
        for (var entry : json.properties()) {
            if (entry.getKey().startsWith(FLAG)
                    && entry.getValue().asBoolean()
                    && OF_FLAGS.stream().noneMatch(p -> flag(p).equals(entry.getKey()))) {
                throw unknown(entry.getKey(), file);
            }
        }
        var poolings = OF_FLAGS.stream().filter(p -> json.path(flag(p)).asBoolean()).toList();
        return poolings.isEmpty() ? List.of(Pooling.MEAN) : poolings;
    }

    private static MtlException unknown(String name, Path file) {
        return new MtlException(
                "%s: pooling '%s' is not known; known: %s"
                        .formatted(
                                file,
                                name,
                                String.join(
                                        ", ",
                                        Arrays.stream(Pooling.values())
                                                .map(PoolingModule::name)
                                                .toList())));
    }

    private static String flag(Pooling pooling) {
        return FLAG
                + switch (pooling) {
                    case CLS -> "cls_token";
                    case MAX -> "max_tokens";
                    case MEAN -> "mean_tokens";
                    case MEAN_SQRT_LEN_TOKENS -> "mean_sqrt_len_tokens";
                    case WEIGHTEDMEAN -> "weightedmean_tokens";
                    case LASTTOKEN -> "lasttoken";
                };
    }

    private static String name(Pooling pooling) {
        return pooling.name().toLowerCase(Locale.ROOT);
    }

    /** Writes a module's folder: as flags, which all versions read, unless their order differs. */
    static void write(Path folder, Readout readout, int hiddenSize) throws IOException {
        var poolings = readout.poolings();
        var json = new LinkedHashMap<String, Object>();
        json.put("word_embedding_dimension", hiddenSize);
        if (poolings.equals(OF_FLAGS.stream().filter(poolings::contains).toList())) {
            for (var pooling : Pooling.values()) {
                if (ALWAYS_WRITTEN.contains(pooling) || poolings.contains(pooling)) {
                    json.put(flag(pooling), poolings.contains(pooling));
                }
            }
        } else {
            json.put(MODE, poolings.stream().map(PoolingModule::name).toList());
        }
        if (!readout.includesPrompt()) {
            json.put(INCLUDE_PROMPT, false);
        }
        Files.createDirectories(folder);
        JsonFiles.write(folder.resolve(FILE), json);
    }
}
