package dev.mtl.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** JSON of requests and answers. */
public final class Json {
    /** Deeper bodies are refused; the routes need no more than five levels. */
    private static final int DEPTH = 32;

    static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH)
                                                    .build())
                                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    /** Writes one value. */
    @FunctionalInterface
    public interface Writer {
        void write(JsonGenerator to) throws IOException;
    }

    static byte[] bytes(Writer writer) {
        var bytes = new ByteArrayOutputStream(4096);
        try (var generator = MAPPER.createGenerator(bytes)) {
            writer.write(generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] bytes(Object value) {
        return bytes(to -> to.writePOJO(value));
    }

    /** JSON as a text. */
    public static String text(Object value) {
        return new String(bytes(value), StandardCharsets.UTF_8);
    }

    /** Writes an array of numbers, each with the digits that identify its float. */
    public static void write(JsonGenerator to, float[] values) throws IOException {
        to.writeStartArray();
        for (float value : values) {
            to.writeNumber(value);
        }
        to.writeEndArray();
    }
}
