package dev.mtl.heads.token;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.CalibrationScores;
import dev.mtl.heads.ConfusionCounts;
import dev.mtl.heads.PrecisionRecall;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Precision, recall and F1 of whole entities, over all types together, as {@code conlleval.pl}
 * counts them: an entity is right if both its words and its type are. One of a type that the
 * training data does not have was missed. {@code macro_f1} is the mean of the types. The
 * calibration error is that of the predicted entities. The confusion matrix has the types of
 * entities whose words are the same; {@code O} stands for no such entity.
 */
final class EntityMetric implements Metric {
    private final PrecisionRecall all = new PrecisionRecall();
    private final TreeMap<String, PrecisionRecall> byType = new TreeMap<>();
    private final ConfusionCounts confusion = new ConfusionCounts(List.of());
    private final CalibrationScores calibration;

    EntityMetric(@Nullable Double temperature) {
        calibration = new CalibrationScores(temperature);
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var tagged = (Tagged) prediction;
        var gold = TokenClassificationHead.tags(target).tags();
        boolean allRight = add(tagged.tags(), gold);
        var right = rightEntities(tagged, gold);
        for (int i = 0; i < right.length; i++) {
            calibration.add(tagged.evidence().get(i)::at, right[i]);
        }
        return allRight;
    }

    /** Whether each predicted entity is in the data. */
    static boolean[] rightEntities(Tagged predicted, List<String> goldTags) {
        var spans = Spans.of(predicted.tags());
        var gold = new HashSet<>(Spans.of(goldTags));
        var right = new boolean[spans.size()];
        for (int i = 0; i < right.length; i++) {
            right[i] = gold.contains(spans.get(i));
        }
        return right;
    }

    /** Counts one text by its tags; returns whether every tag is right. */
    public boolean add(List<String> predictedTags, List<String> goldTags) {
        if (predictedTags.size() != goldTags.size()) {
            throw new IllegalArgumentException(
                    predictedTags.size() + " predicted tags for " + goldTags.size() + " words");
        }
        var predicted = new HashSet<>(Spans.of(predictedTags));
        var gold = new HashSet<>(Spans.of(goldTags));
        var either = new HashSet<>(predicted);
        either.addAll(gold);
        for (var span : either) {
            boolean isPredicted = predicted.contains(span);
            boolean isGold = gold.contains(span);
            all.add(isPredicted, isGold);
            byType.computeIfAbsent(span.type(), key -> new PrecisionRecall())
                    .add(isPredicted, isGold);
        }
        confusion(Spans.of(predictedTags), Spans.of(goldTags));
        return predictedTags.equals(goldTags);
    }

    private void confusion(List<Spans.Span> predicted, List<Spans.Span> gold) {
        var types = new HashMap<Integer, Spans.Span>(); // entities do not overlap
        predicted.forEach(span -> types.put(span.start(), span));
        for (var span : gold) {
            var same = types.get(span.start());
            if (same != null && same.end() == span.end()) {
                confusion.add(span.type(), same.type());
                types.remove(span.start());
            } else {
                confusion.add(span.type(), Spans.OUTSIDE);
            }
        }
        types.values().forEach(span -> confusion.add(Spans.OUTSIDE, span.type()));
    }

    @Override
    public Map<String, Double> scores() {
        var scores = all.scores();
        scores.put("macro_f1", PrecisionRecall.macroF1(byType.values()));
        calibration.addTo(scores);
        return scores;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return CalibrationScores.NAMES;
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        return PrecisionRecall.byLabel(byType);
    }

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(confusion.matrix());
    }
}
