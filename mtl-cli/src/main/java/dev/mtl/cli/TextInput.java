package dev.mtl.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

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
import java.util.Locale;
import java.util.function.Consumer;

/** The texts of a call: its arguments, and the lines of a file or of stdin. */
final class TextInput {
    private static final int CHUNK = 1024;

    /** Of long texts fewer: their tokens take many times the memory of their characters. */
    private static final long CHUNK_CHARACTERS = 1 << 16;

    private static final JsonMapper JSON = new JsonMapper();

    @Option(
            names = "--input",
            paramLabel = "FILE|-",
            description = "Read texts from a UTF-8 file, one a line; - is stdin.")
    @Nullable String input;

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            split = ",",
            description =
                    "The lines of the input are JSON objects, and this field is the text. For files"
                            + " named *.jsonl it is 'text' unless it is given. Heads that compare"
                            + " texts take several fields: --text-field first,second.")
    List<String> textFields = new ArrayList<>();

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

    /** Whether each example is of several texts. */
    boolean severalTexts() {
        return textFields.size() > 1;
    }

    /**
     * Gives all texts in order, a chunk at a time, so that files of any size go through. Lines of a
     * pipe that lets others wait are given at once.
     */
    void forEachChunk(Console console, Consumer<List<String>> work) {
        if (severalTexts()) {
            throw new ConfigurationException("--text-field: one field, not " + textFields);
        }
        forEachExample(
                console, examples -> work.accept(examples.stream().map(List::getFirst).toList()));
    }

    /** The same for examples of several texts. */
    void forEachExample(Console console, Consumer<List<List<String>>> work) {
        if (!texts.isEmpty()) {
            work.accept(texts.stream().map(List::of).toList());
        }
        if (input != null) {
            readLines(input, console, work);
        }
    }

    private void readLines(String name, Console console, Consumer<List<List<String>>> work) {
        var fields = textFields.isEmpty() && name.endsWith(".jsonl") ? List.of("text") : textFields;
        var progress = new Progress(console);
        long begun = System.nanoTime();
        long done = 0;
        try (var in = open(name, console)) {
            long size = name.equals("-") ? -1 : Files.size(Path.of(name));
            var lines = new Utf8Lines(in, name.equals("-") ? "stdin" : name);
            var chunk = new ArrayList<List<String>>(CHUNK);
            long characters = 0;
            for (var line = lines.next(); line != null; line = lines.next()) {
                chunk.add(
                        fields.isEmpty()
                                ? List.of(line)
                                : fields(line, fields, name, lines.number()));
                characters += line.length();
                if (chunk.size() == CHUNK || characters >= CHUNK_CHARACTERS || !lines.ready()) {
                    work.accept(chunk);
                    done += chunk.size();
                    chunk.clear();
                    characters = 0;
                    progress.show(
                            String.format(
                                    Locale.ROOT,
                                    "%d texts, %.0f texts/s",
                                    done,
                                    done / ((System.nanoTime() - begun) / 1e9)),
                            size > 0 ? (double) lines.consumed() / size : -1);
                }
            }
            if (!chunk.isEmpty()) {
                work.accept(chunk);
            }
        } catch (IOException e) {
            throw new MtlException(name + ": cannot be read: " + e.getMessage(), e);
        } finally {
            progress.finished();
        }
    }

    private static List<String> fields(String line, List<String> fields, String name, long number) {
        try {
            var object = JSON.readTree(line);
            var texts = new ArrayList<String>();
            for (var field : fields) {
                var text = object.path(field);
                if (!text.isTextual()) {
                    throw new MtlException(
                            name
                                    + ":"
                                    + number
                                    + ": has no text in the field '"
                                    + field
                                    + "'; --text-field names another");
                }
                texts.add(text.textValue());
            }
            return texts;
        } catch (JsonProcessingException e) {
            throw new MtlException(
                    name + ":" + number + ": is no JSON object: " + e.getOriginalMessage(), e);
        }
    }

    private static InputStream open(String name, Console console) throws IOException {
        if (name.equals("-")) {
            return console.in();
        }
        return Files.newInputStream(Path.of(name));
    }
}
