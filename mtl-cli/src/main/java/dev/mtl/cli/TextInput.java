package dev.mtl.cli;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The texts of a call: its arguments, and the lines of a file or of stdin. */
final class TextInput {
    private static final int CHUNK = 1024;

    @Option(
            names = "--input",
            paramLabel = "FILE|-",
            description = "Read texts from a UTF-8 file, one a line; - is stdin.")
    @Nullable String input;

    @Parameters(
            paramLabel = "TEXT",
            description = "Texts; an empty one is a text too. -- ends the options.")
    List<String> texts = new ArrayList<>();

    /** Ends a call that names no text, or no file, before anything is loaded. */
    void requireTexts() {
        if (texts.isEmpty() && input == null) {
            throw new ConfigurationException(
                    "no texts: give some as arguments, or --input FILE (- is stdin)");
        }
        if (input != null && !input.equals("-")) {
            var file = Path.of(input);
            if (!Files.exists(file) || Files.isDirectory(file)) {
                throw new ConfigurationException("--input " + input + ": no such file");
            }
        }
    }

    /**
     * Gives all texts in order, a chunk at a time, so that files of any size go through. Lines of a
     * pipe that lets others wait are given at once.
     */
    void forEachChunk(Console console, Consumer<List<String>> work) {
        if (!texts.isEmpty()) {
            work.accept(texts);
        }
        if (input != null) {
            readLines(input, console, work);
        }
    }

    private static void readLines(String name, Console console, Consumer<List<String>> work) {
        try (var in = open(name, console)) {
            var lines = new Utf8Lines(in, name.equals("-") ? "stdin" : name);
            var chunk = new ArrayList<String>(CHUNK);
            for (var text = lines.next(); text != null; text = lines.next()) {
                chunk.add(text);
                if (chunk.size() == CHUNK || !lines.ready()) {
                    work.accept(chunk);
                    chunk.clear();
                }
            }
            if (!chunk.isEmpty()) {
                work.accept(chunk);
            }
        } catch (IOException e) {
            throw new MtlException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static InputStream open(String name, Console console) throws IOException {
        if (name.equals("-")) {
            return console.in();
        }
        return Files.newInputStream(Path.of(name));
    }
}
