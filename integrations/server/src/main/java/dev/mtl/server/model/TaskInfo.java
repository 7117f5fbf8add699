package dev.mtl.server.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.ValuePrediction;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/**
 * A task as clients see it.
 *
 * @param texts how many texts it takes, 1 or 2 or both
 * @param labels that it chooses among, sorted; empty for other kinds
 */
public record TaskInfo(String name, List<Integer> texts, Kind kind, List<String> labels) {
    /** What a task gives. */
    public enum Kind {
        LABELS,
        ENTITIES,
        VALUES,
        OTHER;

        /** As clients read it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Kind of(Prediction prediction) {
            return switch (prediction) {
                case LabelPrediction _ -> LABELS;
                case EntityPrediction _ -> ENTITIES;
                case ValuePrediction _ -> VALUES;
                default -> OTHER;
            };
        }
    }

    /** Whether the task takes this many texts. */
    public boolean takes(int count) {
        return texts.contains(count);
    }

    /** Asks a pipeline one question for each number of texts; this also warms it up. */
    static List<TaskInfo> of(Pipeline pipeline) {
        var tasks = new ArrayList<TaskInfo>();
        for (int texts = 1; texts <= 2; texts++) {
            var example = Collections.nCopies(texts, "warm up");
            var names = tasks(pipeline, texts);
            if (names.isEmpty() && texts > 1) {
                continue;
            }
            var analysis = pipeline.analyzeExamples(List.of(example), names).getFirst();
            for (var entry : analysis.predictions().entrySet()) {
                add(tasks, entry.getKey(), texts, entry.getValue());
            }
        }
        return List.copyOf(tasks);
    }

    private static List<String> tasks(Pipeline pipeline, int texts) {
        try {
            return pipeline.tasksOf(texts);
        } catch (ConfigurationException e) {
            return List.of(); // none takes as many
        }
    }

    private static void add(List<TaskInfo> tasks, String name, int texts, Prediction prediction) {
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i).name.equals(name)) {
                var both = new ArrayList<>(tasks.get(i).texts);
                both.add(texts);
                var known = tasks.get(i);
                tasks.set(i, new TaskInfo(name, List.copyOf(both), known.kind, known.labels));
                return;
            }
        }
        tasks.add(new TaskInfo(name, List.of(texts), Kind.of(prediction), labels(prediction)));
    }

    private static List<String> labels(Prediction prediction) {
        if (!(prediction instanceof LabelPrediction labelled)) {
            return List.of();
        }
        var names = new LinkedHashSet<String>();
        labelled.labels().stream().map(Label::name).sorted().forEach(names::add);
        return List.copyOf(names);
    }
}
