package dev.mtl.server.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.pipeline.Pipeline;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Texts, and the cosine of each with a text. */
public final class Examples {
    /** Compared one by one; more would take more than a few milliseconds. */
    private static final int MOST = 100_000;

    private static final int CHUNK = 512;

    private final List<Example> all;
    private final float[][] embeddings;

    /**
     * A text of the file.
     *
     * @param label null if the file gives none
     */
    public record Example(String text, @Nullable String label) {}

    /**
     * An example near a text.
     *
     * @param score the cosine, -1 to 1
     */
    public record Near(Example example, double score) {}

    private Examples(List<Example> all, float[][] embeddings) {
        this.all = all;
        this.embeddings = embeddings;
    }

    /**
     * Reads a file of texts, one a line, or of JSON lines with {@code text} and perhaps {@code
     * label}.
     *
     * @throws ConfigurationException if a line has no text, or there are too many
     * @throws MtlException if the file cannot be read
     */
    static Examples read(Path file, Pipeline pipeline) {
        var all = new ArrayList<Example>();
        try (var lines = Files.lines(file)) {
            boolean json = file.toString().endsWith(".jsonl");
            for (var line : (Iterable<String>) lines::iterator) {
                if (!line.isBlank()) {
                    all.add(json ? parse(line, file, all.size() + 1) : new Example(line, null));
                }
                if (all.size() > MOST) {
                    throw new ConfigurationException(file + ": at most " + MOST + " examples");
                }
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (UncheckedIOException e) {
            throw unreadable(file, Objects.requireNonNull(e.getCause()));
        }
        var embeddings = new float[all.size()][];
        for (int from = 0; from < embeddings.length; from += CHUNK) {
            int to = Math.min(embeddings.length, from + CHUNK);
            var rows =
                    pipeline.embed(
                            all.subList(from, to).stream().map(Example::text).toList(), null);
            for (int i = from; i < to; i++) {
                embeddings[i] = Vectors.normalized(rows[i - from]);
            }
        }
        return new Examples(all, embeddings);
    }

    private static MtlException unreadable(Path file, IOException why) {
        return new MtlException(file + ": cannot be read: " + Reasons.of(why), why);
    }

    private static Example parse(String line, Path file, int number) {
        try {
            var json = new ObjectMapper().readTree(line);
            if (!json.path("text").isTextual()) {
                throw new ConfigurationException(file + ": example " + number + " has no text");
            }
            return new Example(
                    json.path("text").textValue(),
                    json.path("label").isTextual() ? json.path("label").textValue() : null);
        } catch (JsonProcessingException e) {
            throw new ConfigurationException(file + ": example " + number + " is not JSON", e);
        }
    }

    /** The nearest examples, the best first. */
    public List<Near> nearest(float[] embedding, int count) {
        var unit = Vectors.normalized(embedding);
        return IntStream.range(0, embeddings.length)
                .mapToObj(i -> new Near(all.get(i), Vectors.dot(unit, embeddings[i])))
                .sorted(Comparator.comparingDouble(near -> -near.score()))
                .limit(count)
                .toList();
    }
}
