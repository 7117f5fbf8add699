package dev.mtl.heads.multilabel;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.heads.HeadSettings;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The head type {@code multi-label-classification}. */
public final class MultiLabelProvider implements TunableProvider<MultiLabelProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on the sentence embedding, while training
     * @param threshold the minimum probability of a predicted label
     * @param thresholds the thresholds of single labels, where they differ from {@code threshold}
     * @param tuneThresholds whether each label's threshold is fitted to the validation data after
     *     training
     */
    public record Settings(
            double dropout,
            double threshold,
            Map<String, Double> thresholds,
            boolean tuneThresholds) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            thresholds = Map.copyOf(thresholds);
            check("threshold is ", threshold);
            thresholds.forEach((label, own) -> check("thresholds: " + label + " is ", own));
        }

        private static void check(String what, double threshold) {
            if (!(threshold > 0 && threshold < 1)) {
                throw new IllegalArgumentException(what + threshold + ", it must be in (0, 1)");
            }
        }

        double threshold(String label) {
            return thresholds.getOrDefault(label, threshold);
        }
    }

    @Override
    public String type() {
        return "multi-label-classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0.5, Map.of(), true);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.addAll(MultiLabelHead.labels(target)));
        return List.copyOf(labels);
    }

    @Override
    public boolean tunes(Settings settings) {
        return settings.tuneThresholds();
    }

    @Override
    public Settings tune(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        var tuned = new TreeMap<>(settings.thresholds());
        for (int i = 0; i < labels.size(); i++) {
            var label = labels.get(i);
            var threshold = new LabelThreshold(settings.threshold(label));
            for (int row = 0; row < predictions.size(); row++) {
                var labelled = (MultiLabelHead.Labelled) predictions.get(row);
                threshold.add(
                        labelled.probabilities().get(i),
                        MultiLabelHead.labels(targets.get(row)).contains(label));
            }
            tuned.put(label, threshold.best());
        }
        return new Settings(
                settings.dropout(), settings.threshold(), tuned, settings.tuneThresholds());
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new MultiLabelHead(settings, context);
    }
}
