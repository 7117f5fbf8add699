package dev.mtl.train.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the complete lines of {@code metrics.jsonl}. A line that is not an object was truncated by
 * a power cut or a full disk, perhaps within a character, and is skipped.
 */
final class MetricsLines {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private MetricsLines() {}

    /** Takes a line, as text and parsed. */
    interface LineConsumer {
        void accept(String line, JsonNode json) throws IOException;
    }

    /** Reads line by line. */
    static void read(Path file, LineConsumer consumer) throws IOException {
        // Unlike the readers of Files, this one replaces malformed characters.
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var json = parse(line);
                if (json.isObject()) {
                    consumer.accept(line, json);
                }
            }
        }
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
