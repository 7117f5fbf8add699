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
 * The whole lines of {@code metrics.jsonl}. One that is no object was cut short, by a power cut or
 * a full disk, and is passed over; so may be one in the middle of a character.
 */
final class MetricsLines {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private MetricsLines() {}

    /** Takes a line, as text and as what it says. */
    interface Taker {
        void take(String line, JsonNode said) throws IOException;
    }

    /** Reads line by line. */
    static void read(Path file, Taker taker) throws IOException {
        // unlike the readers of Files, this one puts a mark in the place of broken characters
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var said = parse(line);
                if (said.isObject()) {
                    taker.take(line, said);
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
