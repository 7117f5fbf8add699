package dev.mtl.cli.tune;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code trials.jsonl} of a search: first what is searched, then a line for each rung that a trial
 * has reached. It is all that a search which was killed needs to go on.
 */
final class TrialLog {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final List<Trial> trials = new ArrayList<>();

    private TrialLog(Path file) {
        this.file = file;
    }

    /**
     * A trial at a rung.
     *
     * @param values of the ranges, {@code path=value}
     * @param score of its best model so far; NaN if it has none
     * @param lowerIsBetter whether the score is an error
     */
    record Trial(
            int trial,
            int rung,
            List<String> values,
            int steps,
            double score,
            boolean lowerIsBetter) {
        double loss() {
            return lowerIsBetter ? score : -score;
        }

        Map<String, Object> toJson() {
            var named = new LinkedHashMap<String, String>();
            values.forEach(value -> named.put(path(value), value(value)));
            var json = new LinkedHashMap<String, Object>();
            json.put("trial", trial);
            json.put("rung", rung);
            json.put("values", named);
            json.put("steps", steps);
            json.put("score", Double.isNaN(score) ? "NaN" : (Object) score);
            json.put("lower_is_better", lowerIsBetter);
            return json;
        }

        static String path(String set) {
            return set.substring(0, set.indexOf('='));
        }

        static String value(String set) {
            return set.substring(set.indexOf('=') + 1);
        }

        private static Trial of(JsonNode json) {
            var values = new ArrayList<String>();
            json.path("values")
                    .properties()
                    .forEach(entry -> values.add(entry.getKey() + "=" + entry.getValue().asText()));
            return new Trial(
                    json.path("trial").asInt(),
                    json.path("rung").asInt(),
                    values,
                    json.path("steps").asInt(),
                    json.path("score").isNumber() ? json.path("score").asDouble() : Double.NaN,
                    json.path("lower_is_better").asBoolean());
        }
    }

    /**
     * Begins the log of a search, or goes on with it.
     *
     * @param search what is searched, in one line
     * @throws ConfigurationException if there is one and the search does not resume, or it is of
     *     another search
     */
    static TrialLog open(Path directory, String search, boolean resume) {
        var log = new TrialLog(directory.resolve("trials.jsonl"));
        try {
            if (!Files.exists(log.file)) {
                Files.createDirectories(directory);
                log.append(Map.of("search", search));
                return log;
            }
            if (!resume) {
                throw new ConfigurationException(
                        directory
                                + " has a search already: --resume goes on with it, another"
                                + " --output begins one");
            }
            for (var line : Files.readAllLines(log.file)) {
                log.read(line, search);
            }
            return log;
        } catch (IOException e) {
            throw new MtlException(log.file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private void read(String line, String search) {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return; // cut off when the search was killed
        }
        if (json.has("search") && !json.path("search").asText().equals(search)) {
            throw new ConfigurationException(
                    "cannot resume: "
                            + file
                            + " is of another search: then "
                            + json.path("search").asText()
                            + ", now "
                            + search);
        }
        if (json.has("trial")) {
            trials.add(Trial.of(json));
        }
    }

    void add(Trial trial) {
        trials.add(trial);
        append(trial.toJson());
    }

    List<Trial> trials() {
        return trials;
    }

    private void append(Map<String, Object> json) {
        try {
            // a line that was cut off is left alone on its line
            boolean cut = Files.exists(file) && !Files.readString(file).endsWith("\n");
            Files.writeString(
                    file,
                    (cut ? "\n" : "") + JSON.writeValueAsString(json) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
