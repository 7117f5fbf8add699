package dev.mtl.heads.relation;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.ConfusionCounts;
import dev.mtl.heads.PrecisionRecall;
import dev.mtl.heads.Ratio;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Of the pairs that the data names: precision, recall and F1 over all labels together, without that
 * of no relation, the mean F1 of the labels, and the share of pairs whose label is right. A pair of
 * which the model does not read both entities has no relation.
 */
final class RelationMetric implements Metric {
    private final @Nullable String noneLabel;
    private final PrecisionRecall all = new PrecisionRecall();
    private final TreeMap<String, PrecisionRecall> byLabel = new TreeMap<>();
    private final ConfusionCounts confusion;
    private final Ratio right = new Ratio();

    RelationMetric(List<String> labels, @Nullable String noneLabel) {
        this.noneLabel = noneLabel;
        confusion = new ConfusionCounts(labels);
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        boolean allRight = true;
        for (var relation : RelationHead.relations(target)) {
            var said = ((Related) prediction).label(relation.first(), relation.second());
            boolean same = relation.label().equals(said == null ? noneLabel : said);
            right.add(same);
            count(relation.label(), true, same);
            if (said != null) {
                confusion.add(relation.label(), said);
                if (!same) {
                    count(said, false, true);
                }
            }
            allRight &= same;
        }
        return allRight;
    }

    private void count(String label, boolean isGold, boolean isPredicted) {
        if (!label.equals(noneLabel)) {
            all.add(isPredicted, isGold);
            byLabel.computeIfAbsent(label, key -> new PrecisionRecall()).add(isPredicted, isGold);
        }
    }

    @Override
    public Map<String, Double> scores() {
        var scores = all.scores();
        scores.put("macro_f1", PrecisionRecall.macroF1(byLabel.values()));
        scores.put("accuracy", right.value());
        return scores;
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        return PrecisionRecall.byLabel(byLabel);
    }

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(confusion.matrix());
    }
}
