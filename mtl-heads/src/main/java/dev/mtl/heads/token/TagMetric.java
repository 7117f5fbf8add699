package dev.mtl.heads.token;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.CalibrationScores;
import dev.mtl.heads.ConfusionCounts;
import dev.mtl.heads.PrecisionRecall;
import dev.mtl.heads.Ratio;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The share of words whose tag is right, the mean F1 of the tags that the data or a prediction has,
 * and the calibration error. Words that the model did not read count as wrong, except in the
 * calibration error, where they do not count.
 */
final class TagMetric implements Metric {
    private final TreeMap<String, PrecisionRecall> byTag = new TreeMap<>();
    private final ConfusionCounts confusion;
    private final CalibrationScores calibration;
    private final Ratio right = new Ratio();

    TagMetric(List<String> tags, @Nullable Double temperature) {
        confusion = new ConfusionCounts(tags);
        calibration = new CalibrationScores(temperature);
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var tagged = (TaggedText) prediction;
        var gold = TaggingHead.tags(target);
        if (tagged.tags().size() != gold.size()) {
            throw new IllegalArgumentException(
                    tagged.tags().size() + " predicted tags for " + gold.size() + " words");
        }
        for (int i = 0; i < gold.size(); i++) {
            add(tagged, i, gold.get(i));
        }
        return tagged.tags().equals(gold);
    }

    private void add(TaggedText tagged, int word, String gold) {
        var tag = tagged.tags().get(word);
        boolean same = tag.equals(gold);
        right.add(same);
        byTag(gold).add(same, true);
        if (tag.equals(TaggedText.NONE)) {
            return;
        }
        if (!same) {
            byTag(tag).add(true, false);
        }
        confusion.add(gold, tag);
        calibration.add(temperature -> tagged.confidence(word, temperature), same);
    }

    private PrecisionRecall byTag(String tag) {
        return byTag.computeIfAbsent(tag, key -> new PrecisionRecall());
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("accuracy", right.value());
        scores.put("macro_f1", PrecisionRecall.macroF1(byTag.values()));
        calibration.addTo(scores);
        return scores;
    }

    @Override
    public Set<String> lowerIsBetter() {
        return CalibrationScores.NAMES;
    }

    @Override
    public Map<String, Map<String, Double>> scoresByLabel() {
        return PrecisionRecall.byLabel(byTag);
    }

    @Override
    public Optional<ConfusionMatrix> confusion() {
        return Optional.of(confusion.matrix());
    }
}
