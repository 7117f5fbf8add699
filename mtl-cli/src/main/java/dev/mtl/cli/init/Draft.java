package dev.mtl.cli.init;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.format.DataFiles;
import dev.mtl.train.format.fields.ParquetReader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Drafts a configuration from the first lines of a training file. */
public final class Draft {
    /** The most lines that are looked at. */
    private static final int LINES = 20_000;

    private Draft() {}

    /**
     * A task that a file has data for.
     *
     * @param keys of its data, besides the files
     */
    record Task(String name, String head, List<String> keys, String comment) {}

    /**
     * The lines of a configuration for some files.
     *
     * @param files of one format
     * @param backbone to start from
     * @throws ConfigurationException if there is nothing in them that could be learned
     */
    public static List<String> of(List<String> files, String backbone) {
        var splits = Splits.of(files);
        var train = DataFiles.of(splits.train()).getFirst();
        var tasks = tasks(train);
        if (tasks.isEmpty()) {
            throw new ConfigurationException(
                    train
                            + ": nothing was found that a task could learn; the formats are"
                            + " described in docs/data.md");
        }
        var lines = new ArrayList<String>();
        lines.add("# Drafted by mtl init from " + train + ". Look through it, then:");
        lines.add("#   mtl data check THIS_FILE");
        lines.add("#   mtl train THIS_FILE");
        lines.add("model:");
        lines.add("  backbone: " + Yaml.string(backbone));
        lines.add("  max_length: 128               # tokens; mtl data check counts longer texts");
        lines.add("tasks:");
        for (var task : tasks) {
            lines.add("  " + task.name() + ":" + comment(task.comment()));
            lines.add("    head: " + task.head());
            lines.add("    data:");
            task.keys().forEach(key -> lines.add("      " + key));
            splits.keys().forEach(key -> lines.add("      " + key));
        }
        lines.add("training:");
        lines.add("  epochs: 3");
        lines.add("  batch_size: 32");
        lines.add("  base_lr: 5.0e-5");
        lines.add("  warmup_ratio: 0.1");
        lines.add("  seed: 42");
        lines.add("output: {dir: " + Yaml.string("runs/" + name(train)) + "}");
        return lines;
    }

    /** What a run is called after: the file's name without its split, or else its folder's. */
    private static String name(Path train) {
        var file = String.valueOf(train.getFileName()).replaceAll("\\..*", "");
        var own =
                file.replaceAll("(?i)(^|[-_])train(ing)?([-_]|$)", "$3")
                        .replaceAll("^[-_]+|[-_]+$|-?\\d+-of-\\d+", "");
        var folder = train.toAbsolutePath().normalize().getParent();
        var parent = folder == null ? null : folder.getFileName();
        return !own.isEmpty() ? own : parent == null ? file : parent.toString();
    }

    private static String comment(String text) {
        return text.isEmpty() ? "" : "  # " + text;
    }

    private static List<Task> tasks(Path train) {
        if (Files.isDirectory(train)) {
            return WordFiles.jointBert(train);
        }
        var name = String.valueOf(train.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
            return JsonRows.tasks(ParquetReader.first(train, LINES), "parquet");
        }
        var questions = name.endsWith(".json") ? Questions.squad(train) : Optional.<Task>empty();
        if (questions.isPresent()) {
            return List.of(questions.get());
        }
        var lines = lines(train);
        var first = lines.isEmpty() ? "" : lines.getFirst();
        if (first.startsWith("{") || name.endsWith(".jsonl")) {
            return JsonRows.tasks(JsonRows.parsed(lines), "jsonl");
        }
        if (WordFiles.isConll(lines)) {
            return List.of(WordFiles.conll(lines));
        }
        var tasks = Tables.tasks(lines, name.endsWith(".tsv"));
        return tasks.isEmpty() && name.endsWith(".txt") ? Texts.plain(lines) : tasks;
    }

    private static List<String> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(file + ": no such file");
        }
        try (var lines = Files.lines(file)) {
            return lines.limit(LINES).map(Draft::withoutMark).toList();
        } catch (UncheckedIOException e) {
            throw new ConfigurationException(
                    file + ": is not UTF-8; convert it, for instance with iconv", e);
        } catch (IOException e) {
            throw new ConfigurationException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private static String withoutMark(String line) {
        return line.startsWith("\uFEFF") ? line.substring(1) : line;
    }
}
