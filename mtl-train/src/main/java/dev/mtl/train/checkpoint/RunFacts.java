package dev.mtl.train.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code mtl runs} lists of a run: {@code run.json} in its directory.
 *
 * @param date when it ended, in UTC
 * @param outcome why it ended
 * @param bestMetric what the best model was selected by
 * @param lowerIsBetter whether that is an error
 * @param best its best value; null if there was no evaluation
 * @param tasks the best model's scores on the validation data
 * @param test its value of {@code bestMetric} on the test data; null if there is none
 * @param testTasks its scores on the test data
 */
public record RunFacts(
        String date,
        String outcome,
        int steps,
        long seed,
        String bestMetric,
        boolean lowerIsBetter,
        @Nullable Double best,
        Map<String, Map<String, Double>> tasks,
        @Nullable Double test,
        Map<String, Map<String, Double>> testTasks) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Writes the file.
     *
     * @throws MtlException if it cannot be written
     */
    public void write(RunDirectory directory) {
        var json = new LinkedHashMap<String, @Nullable Object>();
        json.put("date", date);
        json.put("outcome", outcome);
        json.put("steps", steps);
        json.put("seed", seed);
        json.put("best_metric", bestMetric);
        json.put("lower_is_better", lowerIsBetter);
        json.put("best", best);
        json.put("tasks", tasks);
        json.put("test", test);
        json.put("test_tasks", testTasks);
        var file = directory.path().resolve("run.json");
        try {
            var text = JSON.writeValueAsString(json) + "\n";
            AtomicFile.replaceText(file, out -> out.write(text));
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }
}
