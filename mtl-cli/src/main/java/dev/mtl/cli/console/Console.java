package dev.mtl.cli.console;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.internal.ControlCharacters;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.store.StoreSettings;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The streams and the environment of a command.
 *
 * @param in stdin
 * @param out stdout: results only
 * @param err stderr: everything else
 * @param environment the environment variables
 */
public record Console(
        InputStream in, Results out, PrintStream err, Map<String, String> environment) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The same without anything that is printed. */
    public Console silent() {
        return new Console(
                in,
                new Results(OutputStream.nullOutputStream()),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                environment);
    }

    /** Where the model store keeps its files. */
    public StoreSettings settings() {
        return StoreSettings.of(environment, Path.of(System.getProperty("user.home")));
    }

    /** The model store. */
    public ModelStore store() {
        return new ModelStore(settings());
    }

    /** Prints a result for people: control characters in it are shown, not obeyed. */
    public void result(String line) {
        out.line(ControlCharacters.escaped(line));
    }

    /** Prints several lines of a result, in the same way. */
    public void text(String lines) {
        out.text(ControlCharacters.escaped(lines));
    }

    /** Prints a message to stderr, in the same way. */
    public void say(String message) {
        ControlCharacters.escaped(message).lines().forEach(line -> err.println("mtl: " + line));
    }

    /** Prints a result as one line of JSON. */
    public void json(Object value) {
        out.line(toJson(value));
    }

    /** A result as one line of JSON. */
    public static String toJson(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes values, each of which becomes a line. */
    public interface JsonLines {
        /** Writes all of them. */
        void write(JsonGenerator json) throws IOException;
    }

    /** Prints results as lines of JSON, which are written together. */
    public void json(JsonLines lines) {
        var bytes = new ByteArrayOutputStream();
        try (var json = JSON.createGenerator(bytes)) {
            json.setRootValueSeparator(new SerializedString("\n"));
            lines.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes.write('\n');
        out.bytes(bytes);
    }
}
