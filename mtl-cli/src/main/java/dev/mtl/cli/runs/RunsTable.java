package dev.mtl.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The runs below a directory, as their {@code run.json} tells of them. */
public final class RunsTable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int DEPTH = 4;
    private static final String FILE = "run.json";

    private RunsTable() {}

    /**
     * Finds runs.
     *
     * @return of each its facts, the earliest first
     * @throws MtlException if the directory cannot be read
     */
    public static List<Map<String, Object>> read(Path directory) {
        var runs = new ArrayList<Map<String, Object>>();
        try (var files = Files.find(directory, DEPTH, (file, _) -> isRun(file))) {
            for (var file : files.sorted().toList()) {
                var json = JSON.readTree(file.toFile());
                if (json.isObject()) {
                    runs.add(run(Objects.requireNonNull(file.getParent()), json));
                }
            }
        } catch (IOException e) {
            throw new MtlException(directory + ": cannot be read: " + e.getMessage(), e);
        }
        runs.sort(Comparator.comparing(run -> String.valueOf(run.get("date"))));
        return runs;
    }

    private static boolean isRun(Path file) {
        return file.endsWith(FILE)
                && file.getParent() != null
                && file.getParent().getFileName().toString().matches(".*\\.run(\\.previous)?");
    }

    private static Map<String, Object> run(Path folder, JsonNode json) {
        var run = new LinkedHashMap<String, Object>();
        run.put("directory", folder.toString().replaceFirst("\\.run$", ""));
        json.properties().forEach(entry -> run.put(entry.getKey(), entry.getValue()));
        return run;
    }

    /** The table for people. */
    public static String toText(List<Map<String, Object>> runs) {
        var text = new StringBuilder();
        int width =
                runs.stream()
                        .mapToInt(run -> String.valueOf(run.get("directory")).length())
                        .max()
                        .orElse(0);
        var row = "%-" + Math.max(9, width) + "s  %-20s %8s %8s  %-24s %8s  %s\n";
        text.append(
                String.format(
                        Locale.ROOT, row, "directory", "date", "seed", "steps", "metric", "best",
                        "test"));
        for (var run : runs) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            row,
                            run.get("directory"),
                            text(run, "date"),
                            text(run, "seed"),
                            text(run, "steps"),
                            text(run, "best_metric"),
                            text(run, "best"),
                            text(run, "test")));
        }
        return text.toString();
    }

    private static String text(Map<String, Object> run, String key) {
        return switch (run.get(key)) {
            case null -> "-";
            case JsonNode node when node.isNull() -> "-";
            case JsonNode node when node.isFloatingPointNumber() ->
                    String.format(Locale.ROOT, "%.4f", node.asDouble());
            case JsonNode node when node.isValueNode() -> node.asText();
            case Object other -> other.toString();
        };
    }
}
