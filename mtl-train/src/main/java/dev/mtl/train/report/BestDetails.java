package dev.mtl.train.report;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Evaluation.Mistake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Scores by label, confusion matrices and mistakes of an evaluation, as JSON in the metrics. */
final class BestDetails {
    private BestDetails() {}

    static Map<String, Object> toJson(Evaluation evaluation) {
        var json = new LinkedHashMap<String, Object>();
        evaluation
                .details()
                .forEach(
                        (task, details) -> {
                            var taskJson = new LinkedHashMap<String, Object>();
                            taskJson.put("labels", details.byLabel());
                            details.confusion()
                                    .ifPresent(m -> taskJson.put("confusion", matrix(m)));
                            if (!details.mistakes().isEmpty()) {
                                taskJson.put("mistakes", mistakes(details.mistakes()));
                            }
                            json.put(task, taskJson);
                        });
        return json;
    }

    private static Map<String, Object> matrix(ConfusionMatrix matrix) {
        var counts = new ArrayList<List<Integer>>();
        for (int gold = 0; gold < matrix.labels().size(); gold++) {
            var row = new ArrayList<Integer>();
            for (int predicted = 0; predicted < matrix.labels().size(); predicted++) {
                row.add(matrix.count(gold, predicted));
            }
            counts.add(row);
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("labels", matrix.labels());
        json.put("counts", counts);
        return json;
    }

    private static List<Map<String, Object>> mistakes(List<Mistake> mistakes) {
        var list = new ArrayList<Map<String, Object>>();
        for (var mistake : mistakes) {
            var json = new LinkedHashMap<String, Object>();
            json.put("place", mistake.place());
            json.put("text", mistake.text());
            json.put("gold", mistake.gold());
            json.put("predicted", mistake.predicted());
            mistake.confidence().ifPresent(score -> json.put("confidence", score));
            list.add(json);
        }
        return list;
    }

    /**
     * Parses an evaluation from its line in the metrics.
     *
     * @param key of the scores
     */
    static Evaluation fromJson(JsonNode line, String key) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        line.path(key)
                .properties()
                .forEach(task -> tasks.put(task.getKey(), scores(task.getValue())));
        var details = new LinkedHashMap<String, Evaluation.Details>();
        line.path("details")
                .properties()
                .forEach(task -> details.put(task.getKey(), details(task.getValue())));
        return new Evaluation(
                tasks,
                line.has("joint_accuracy")
                        ? OptionalDouble.of(line.path("joint_accuracy").asDouble())
                        : OptionalDouble.empty(),
                line.path("rows").asInt(),
                details);
    }

    /** A JSON object of numbers. */
    static Map<String, Double> scores(JsonNode json) {
        var scores = new LinkedHashMap<String, Double>();
        json.properties().forEach(score -> scores.put(score.getKey(), score.getValue().asDouble()));
        return scores;
    }

    private static Evaluation.Details details(JsonNode json) {
        var byLabel = new LinkedHashMap<String, Map<String, Double>>();
        json.path("labels")
                .properties()
                .forEach(label -> byLabel.put(label.getKey(), scores(label.getValue())));
        return new Evaluation.Details(
                byLabel,
                json.has("confusion")
                        ? Optional.of(confusion(json.path("confusion")))
                        : Optional.empty(),
                mistakes(json.path("mistakes")));
    }

    private static List<Mistake> mistakes(JsonNode json) {
        var mistakes = new ArrayList<Mistake>();
        for (var mistake : json) {
            mistakes.add(
                    new Mistake(
                            mistake.path("place").asText(),
                            mistake.path("text").asText(),
                            mistake.path("gold").asText(),
                            mistake.path("predicted").asText(),
                            mistake.has("confidence")
                                    ? OptionalDouble.of(mistake.path("confidence").asDouble())
                                    : OptionalDouble.empty()));
        }
        return mistakes;
    }

    private static ConfusionMatrix confusion(JsonNode json) {
        var labels = new ArrayList<String>();
        json.path("labels").forEach(label -> labels.add(label.asText()));
        var counts = new int[labels.size()][labels.size()];
        for (int gold = 0; gold < counts.length; gold++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                counts[gold][predicted] = json.path("counts").path(gold).path(predicted).asInt();
            }
        }
        return new ConfusionMatrix(labels, counts);
    }
}
