package dev.mtl.train.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * All that the trainer counts and remembers from step to step: a checkpoint is this record, the
 * weights and the optimizer's moments, and nothing else. Random draws and learning rates are
 * functions of the seed and the step's number.
 *
 * @param step optimizer steps that are done, the skipped ones included
 * @param finished whether training is over
 * @param skipped steps that changed nothing, because a loss or gradient was infinite or NaN
 * @param skippedInARow how many of the last steps were skipped
 * @param lossSum the sum of the losses of the steps since the last evaluation
 * @param lossSteps how many losses {@code lossSum} has
 * @param bestScore of the best model so far, negative infinity before there is one
 * @param sinceBest evaluations since the best one
 * @param balance the state of the task weights, by name
 */
public record TrainerState(
        int step,
        boolean finished,
        int skipped,
        int skippedInARow,
        double lossSum,
        int lossSteps,
        double bestScore,
        int sinceBest,
        SequencedMap<String, Double> balance) {
    public TrainerState {
        balance = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(balance));
    }

    /** Before the first step. */
    public static TrainerState start() {
        return new TrainerState(
                0, false, 0, 0, 0, 0, Double.NEGATIVE_INFINITY, 0, new LinkedHashMap<>());
    }

    /**
     * After a step that was applied.
     *
     * @param loss the objective; null if no task had a labelled item
     * @param newBalance the state of the task weights after it
     */
    public TrainerState afterStep(@Nullable Double loss, SequencedMap<String, Double> newBalance) {
        return new TrainerState(
                step + 1,
                finished,
                skipped,
                0,
                loss == null ? lossSum : lossSum + loss,
                loss == null ? lossSteps : lossSteps + 1,
                bestScore,
                sinceBest,
                newBalance);
    }

    /**
     * After a step that changed nothing.
     *
     * @param newBalance the state of the task weights after it
     */
    public TrainerState afterSkippedStep(SequencedMap<String, Double> newBalance) {
        return new TrainerState(
                step + 1,
                finished,
                skipped + 1,
                skippedInARow + 1,
                lossSum,
                lossSteps,
                bestScore,
                sinceBest,
                newBalance);
    }

    /**
     * After an evaluation, from which on losses are summed anew.
     *
     * @param score of the model, NaN if it has none
     * @param best whether it is the best so far
     */
    public TrainerState afterEvaluation(double score, boolean best) {
        return new TrainerState(
                step,
                finished,
                skipped,
                skippedInARow,
                0,
                0,
                best ? score : bestScore,
                best ? 0 : sinceBest + 1,
                balance);
    }

    /** The same with another {@code finished}. */
    public TrainerState finished(boolean over) {
        return new TrainerState(
                step,
                over,
                skipped,
                skippedInARow,
                lossSum,
                lossSteps,
                bestScore,
                sinceBest,
                balance);
    }

    /** The mean loss of the steps since the last evaluation; null if none had a loss. */
    public @Nullable Double meanLoss() {
        return lossSteps == 0 ? null : lossSum / lossSteps;
    }

    /** As JSON has it: doubles as strings, which keep every bit, infinities and NaN too. */
    Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", step);
        json.put("finished", finished);
        json.put("skipped", skipped);
        json.put("skipped_in_a_row", skippedInARow);
        json.put("loss_sum", Double.toString(lossSum));
        json.put("loss_steps", lossSteps);
        json.put("best_score", Double.toString(bestScore));
        json.put("since_best", sinceBest);
        var balanceByName = new LinkedHashMap<String, String>();
        balance.forEach((name, value) -> balanceByName.put(name, Double.toString(value)));
        json.put("balance", balanceByName);
        return json;
    }

    static TrainerState fromJson(JsonNode json) {
        var balance = new LinkedHashMap<String, Double>();
        json.path("balance")
                .properties()
                .forEach(
                        entry ->
                                balance.put(
                                        entry.getKey(),
                                        Double.parseDouble(entry.getValue().asText())));
        return new TrainerState(
                json.path("step").asInt(),
                json.path("finished").asBoolean(),
                json.path("skipped").asInt(),
                json.path("skipped_in_a_row").asInt(), // 0 in checkpoints of before it was kept
                Double.parseDouble(json.path("loss_sum").asText()),
                json.path("loss_steps").asInt(),
                Double.parseDouble(json.path("best_score").asText()),
                json.path("since_best").asInt(),
                balance);
    }
}
