package dev.mtl.train.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Where training is, beside its tensors. What is random follows from the seed and the step alone.
 *
 * @param step how many optimizer steps are done
 * @param finished whether none is to follow
 * @param skipped steps that changed nothing, since something was not finite
 * @param lossSum the losses of the steps since the last evaluation, added up
 * @param lossSteps how many these are
 * @param bestScore of the best model so far, negative infinity without one
 * @param sinceBest evaluations since then
 * @param balance the state of the loss balance, by name
 */
public record TrainerState(
        int step,
        boolean finished,
        int skipped,
        double lossSum,
        int lossSteps,
        double bestScore,
        int sinceBest,
        SequencedMap<String, Double> balance) {
    public TrainerState {
        balance = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(balance));
    }

    /** Before the first step. */
    public static TrainerState start() {
        return new TrainerState(
                0, false, 0, 0, 0, Double.NEGATIVE_INFINITY, 0, new LinkedHashMap<>());
    }

    /** As JSON has it: doubles as strings, which keep every bit, infinities and NaN too. */
    Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", step);
        json.put("finished", finished);
        json.put("skipped", skipped);
        json.put("loss_sum", Double.toString(lossSum));
        json.put("loss_steps", lossSteps);
        json.put("best_score", Double.toString(bestScore));
        json.put("since_best", sinceBest);
        var figures = new LinkedHashMap<String, String>();
        balance.forEach((name, figure) -> figures.put(name, Double.toString(figure)));
        json.put("balance", figures);
        return json;
    }

    static TrainerState fromJson(com.fasterxml.jackson.databind.JsonNode json) {
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
                Double.parseDouble(json.path("loss_sum").asText()),
                json.path("loss_steps").asInt(),
                Double.parseDouble(json.path("best_score").asText()),
                json.path("since_best").asInt(),
                balance);
    }
}
