package dev.mtl.train.run;

import dev.mtl.core.head.Prediction;
import dev.mtl.train.data.Example;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Evaluation.Mistake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Remembers the examples that a model has wrong, and selects some of them to be read by people:
 * those of the most frequent kinds, and of each kind the worst.
 */
final class Mistakes implements ScoredData.Visitor {
    /** The most mistakes of a task. */
    static final int MOST = 60;

    /** The most mistakes of a kind, such as one label that was taken for another. */
    static final int MOST_OF_A_KIND = 3;

    private record Wrong(Example example, Prediction prediction) {}

    private final Map<String, List<Wrong>> byTask = new HashMap<>();

    @Override
    public void visit(
            Example example,
            SequencedMap<String, Prediction> predictions,
            SequencedMap<String, Boolean> right) {
        right.forEach(
                (task, isRight) -> {
                    if (!isRight) {
                        byTask.computeIfAbsent(task, key -> new ArrayList<>())
                                .add(
                                        new Wrong(
                                                example,
                                                Objects.requireNonNull(predictions.get(task))));
                    }
                });
    }

    /** The same evaluation with the selected mistakes in its details. */
    Evaluation addTo(Evaluation evaluation) {
        var details = new LinkedHashMap<String, Evaluation.Details>();
        evaluation
                .details()
                .forEach(
                        (task, of) ->
                                details.put(
                                        task,
                                        new Evaluation.Details(
                                                of.byLabel(), of.confusion(), select(task))));
        return new Evaluation(
                evaluation.tasks(), evaluation.jointAccuracy(), evaluation.rows(), details);
    }

    private List<Mistake> select(String task) {
        var kinds = new LinkedHashMap<String, List<DescribedMistake>>();
        for (var wrong : byTask.getOrDefault(task, List.of())) {
            var target = Objects.requireNonNull(wrong.example().targets().get(task));
            var described = DescribedMistake.of(wrong.example(), target, wrong.prediction());
            kinds.computeIfAbsent(described.kind(), key -> new ArrayList<>()).add(described);
        }
        var worstFirst = Comparator.comparingDouble(DescribedMistake::severity).reversed();
        kinds.values().forEach(kind -> kind.sort(worstFirst));
        return kinds.values().stream()
                .sorted(
                        Comparator.<List<DescribedMistake>>comparingInt(List::size)
                                .reversed()
                                .thenComparing(List::getFirst, worstFirst))
                .flatMap(kind -> kind.stream().limit(MOST_OF_A_KIND))
                .limit(MOST)
                .map(DescribedMistake::mistake)
                .toList();
    }
}
