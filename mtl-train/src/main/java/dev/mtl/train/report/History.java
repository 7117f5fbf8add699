package dev.mtl.train.report;

import dev.mtl.train.progress.Evaluation;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * The course of a run, read from {@code metrics.jsonl}; a resumed run is one history.
 *
 * @param loss of each step: the weighted sum of the losses of the step's tasks
 * @param taskLosses loss of each step by task
 * @param lossParts parts of the loss of each step, by task and name
 * @param sharedSteps whether every task has a loss in every step; if not, {@code loss} is of other
 *     tasks from step to step
 * @param meanLosses mean losses between evaluations by task, or of all together if steps are shared
 * @param rates learning rate of each step by part of the network
 * @param gradientNorms gradient norm of each step, before clipping; by task if every step has one
 *     task only
 * @param scores validation scores by task and name
 * @param jointAccuracy validation score of all tasks together
 * @param bestStep step of the best model, 0 if there is none
 * @param best evaluation of the best model, null if there is none
 * @param lastStep the last completed step
 * @param tokens number of tokens processed
 * @param trainSeconds time spent in steps
 * @param evaluationSeconds time spent in evaluations
 * @param notes facts about the run, such as what it goes on from
 * @param test evaluation of the best model on the test data, null if there is none
 * @param fitted by task, its scores before and after its head was fitted to the validation data
 */
record History(
        List<Point> loss,
        SequencedMap<String, List<Point>> taskLosses,
        SequencedMap<String, SequencedMap<String, List<Point>>> lossParts,
        boolean sharedSteps,
        SequencedMap<String, List<Point>> meanLosses,
        SequencedMap<String, List<Point>> rates,
        SequencedMap<String, List<Point>> gradientNorms,
        SequencedMap<String, SequencedMap<String, List<Point>>> scores,
        List<Point> jointAccuracy,
        int bestStep,
        @Nullable Evaluation best,
        int lastStep,
        double lastEpoch,
        long tokens,
        double trainSeconds,
        double evaluationSeconds,
        List<String> notes,
        SequencedMap<String, Fit> fitted,
        @Nullable Evaluation test) {
    /** Scores of a task before and after its head was fitted. */
    record Fit(Map<String, Double> before, Map<String, Double> after) {}

    /** A value at a step. */
    record Point(double step, double value) {}

    /** Reads the file; infinite and NaN values have no point. */
    static History read(Path metrics) throws IOException {
        var reader = new HistoryReader();
        MetricsLines.read(metrics, (line, json) -> reader.add(json));
        return reader.history();
    }

    /** All tasks, in the order of their scores. */
    SequencedSet<String> tasks() {
        var tasks = new LinkedHashSet<>(scores.keySet());
        if (best != null) {
            tasks.addAll(best.tasks().keySet());
        }
        tasks.addAll(taskLosses.keySet());
        return tasks;
    }

    /** The loss of steps that have all tasks, with that of each task if there are several. */
    SequencedMap<String, List<Point>> sharedLosses() {
        var losses = new LinkedHashMap<String, List<Point>>();
        if (sharedSteps) {
            losses.put("total", loss);
            if (taskLosses.size() > 1) {
                losses.putAll(taskLosses);
            }
        }
        return losses;
    }
}
