package dev.mtl.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What came of a call of {@code mtl}.
 *
 * @param code the exit code
 * @param out stdout
 * @param err stderr
 */
record Call(int code, String out, String err) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** Runs {@code mtl} in this process with nothing on stdin. */
    static Call mtl(Path cache, String... args) {
        return mtl(cache, InputStream.nullInputStream(), args);
    }

    /** Runs {@code mtl} in this process with some bytes on stdin. */
    static Call mtl(Path cache, byte[] stdin, String... args) {
        return mtl(cache, new ByteArrayInputStream(stdin), args);
    }

    private static Call mtl(Path cache, InputStream in, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code =
                Main.run(
                        args,
                        in,
                        out,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of("MTL_CACHE", cache.toString()));
        return new Call(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Each line of stdout as JSON; fails if one is anything else. */
    List<JsonNode> json() {
        return out.lines().map(Call::parse).toList();
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }
}
