package dev.mtl.cli.option;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.settings.DataSettings.OnBadRow;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The texts of a command: its arguments, and the lines of a file or of stdin. */
public final class TextInput {
    private static final int CHUNK = 1024;

    /** Fewer texts per chunk if they are long: tokens take many times the memory of text. */
    private static final long CHUNK_CHARACTERS = 1 << 16;

    @Option(
            names = "--input",
            paramLabel = "FILE|-",
            description = "Read texts from a UTF-8 file, one per line; - is stdin.")
    private @Nullable String input;

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            split = ",",
            description =
                    "Read the input as JSON lines and take this field as the text; default for"
                            + " *.jsonl: text. Several fields are several texts, which tasks that"
                            + " compare texts take: --text-field first,second.")
    private List<String> textFields = new ArrayList<>();

    @Option(
            names = "--on-bad-row",
            defaultValue = "fail",
            paramLabel = "fail|skip",
            description =
                    "What to do with an input line that cannot be read: fail, or report and skip"
                            + " it. Default: ${DEFAULT-VALUE}.")
    private OnBadRow onBadRow = OnBadRow.FAIL;

    @Parameters(
            paramLabel = "TEXT",
            description =
                    "Texts; an empty argument is an empty text. Put -- before texts that begin with"
                            + " a dash.")
    private List<String> texts = new ArrayList<>();

    /** Rejects a command without texts or with a missing file, before anything is loaded. */
    public void requireTexts() {
        requireTexts(false);
    }

    /**
     * The same for a command that also takes data sets.
     *
     * @param folders whether the input may be a folder
     */
    public void requireTexts(boolean folders) {
        if (texts.isEmpty() && input == null) {
            throw new ConfigurationException(
                    "no texts: give them as arguments or with --input FILE (- is stdin)");
        }
        if (severalTexts() && !texts.isEmpty()) {
            throw new ConfigurationException(
                    "--text-field "
                            + String.join(",", textFields)
                            + ": an argument is a single text; give examples of several texts with"
                            + " --input FILE.jsonl");
        }
        if (input != null && !input.equals("-")) {
            var file = Path.of(input);
            if (!Files.exists(file) || (!folders && Files.isDirectory(file))) {
                throw new ConfigurationException("--input " + input + ": no such file");
            }
        }
    }

    /** The file, or folder, that {@code --input} names; null if there is none, or stdin. */
    public @Nullable Path file() {
        return input == null || input.equals("-") ? null : Path.of(input);
    }

    /** What {@code --text-field} says; empty if nothing. */
    public List<String> textFields() {
        return textFields;
    }

    /** What happens to a row that cannot be read. */
    public OnBadRow onBadRow() {
        return onBadRow;
    }

    /** Whether there are texts among the arguments. */
    public boolean hasArguments() {
        return !texts.isEmpty();
    }

    /** The number of texts of each example. */
    public int textsPerExample() {
        return Math.max(1, textFields.size());
    }

    private boolean severalTexts() {
        return textsPerExample() > 1;
    }

    /**
     * Passes on all examples in order, in chunks, so that input of any size can be processed. A
     * chunk ends early if the next line of a pipe is not available yet.
     */
    public void forEachExample(Console console, Consumer<List<List<String>>> work) {
        if (!texts.isEmpty()) {
            work.accept(texts.stream().map(List::of).toList());
        }
        if (input != null) {
            readLines(input, console, work);
        }
    }

    /** The texts of another file, whose lines are read as those of {@code --input} are. */
    public void forEachChunk(Path file, Console console, Consumer<List<String>> work) {
        readLines(
                file.toString(),
                console,
                examples -> work.accept(examples.stream().flatMap(List::stream).toList()));
    }

    private void readLines(String name, Console console, Consumer<List<List<String>>> work) {
        boolean stdin = name.equals("-");
        var fields = textFields.isEmpty() && name.endsWith(".jsonl") ? List.of("text") : textFields;
        var progress = new Progress(console);
        long begun = System.nanoTime();
        long done = 0;
        try (var in = stdin ? console.in() : Files.newInputStream(Path.of(name))) {
            long size = stdin ? -1 : Files.size(Path.of(name));
            var lines = new ExampleLines(in, stdin ? "stdin" : name, fields, onBadRow, progress);
            var chunk = new ArrayList<List<String>>(CHUNK);
            long characters = 0;
            while (lines.advance()) {
                var example = lines.example();
                if (example != null) {
                    chunk.add(example);
                    characters += example.stream().mapToInt(String::length).sum();
                }
                boolean full = chunk.size() == CHUNK || characters >= CHUNK_CHARACTERS;
                if (!chunk.isEmpty() && (full || !lines.ready())) {
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
            lines.reportSkipped();
        } catch (IOException e) {
            throw new MtlException(
                    (stdin ? "stdin" : name) + ": cannot be read: " + Reasons.of(e), e);
        } finally {
            progress.finished();
        }
    }
}
