package dev.mtl.heads.multilabel;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.heads.Focal;
import dev.mtl.heads.HeadSettings;
import dev.mtl.heads.Temperature;

import org.jspecify.annotations.Nullable;

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
     * @param calibrate whether the temperature is fitted to the validation data after training
     * @param temperature what logits are divided by for the scores; null: 1. Thresholds are
     *     compared with the probabilities without it.
     * @param focalGamma the exponent of the focal loss, 0 for none
     */
    public record Settings(
            double dropout,
            double threshold,
            Map<String, Double> thresholds,
            boolean tuneThresholds,
            boolean calibrate,
            @Nullable Double temperature,
            double focalGamma) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            thresholds = Map.copyOf(thresholds);
            check("threshold is ", threshold);
            thresholds.forEach((label, own) -> check("thresholds: " + label + " is ", own));
            HeadSettings.checkTemperature(temperature);
            Focal.check(focalGamma, 0);
        }

        /** Without focal loss. */
        public Settings(
                double dropout,
                double threshold,
                Map<String, Double> thresholds,
                boolean tuneThresholds,
                boolean calibrate,
                @Nullable Double temperature) {
            this(dropout, threshold, thresholds, tuneThresholds, calibrate, temperature, 0);
        }

        private static void check(String what, double threshold) {
            if (!(threshold > 0 && threshold < 1)) {
                throw new IllegalArgumentException(what + threshold + ", it must be in (0, 1)");
            }
        }

        double threshold(String label) {
            return thresholds.getOrDefault(label, threshold);
        }

        Settings with(Map<String, Double> fittedThresholds, @Nullable Double fittedTemperature) {
            return new Settings(
                    dropout,
                    threshold,
                    fittedThresholds,
                    tuneThresholds,
                    calibrate,
                    fittedTemperature,
                    focalGamma);
        }
    }

    @Override
    public String type() {
        return "multi-label-classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0.5, Map.of(), true, true, null);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.addAll(MultiLabelHead.labels(target)));
        return List.copyOf(labels);
    }

    @Override
    public boolean tunes(Settings settings) {
        return settings.tuneThresholds() || settings.calibrate();
    }

    @Override
    public Settings tune(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        return settings.with(
                settings.tuneThresholds()
                        ? thresholds(settings, labels, predictions, targets)
                        : settings.thresholds(),
                settings.calibrate()
                        ? temperature(settings, labels, predictions, targets)
                        : settings.temperature());
    }

    private static Map<String, Double> thresholds(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        var tuned = new TreeMap<>(settings.thresholds());
        for (int i = 0; i < labels.size(); i++) {
            var label = labels.get(i);
            var threshold = new LabelThreshold(settings.threshold(label));
            for (int row = 0; row < predictions.size(); row++) {
                threshold.add(
                        ((Labelled) predictions.get(row)).probability(i),
                        MultiLabelHead.labels(targets.get(row)).contains(label));
            }
            tuned.put(label, threshold.best());
        }
        return tuned;
    }

    /** Fitted to the decisions about all labels together, if there are enough texts. */
    private static @Nullable Double temperature(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        if (predictions.size() < Temperature.LEAST) {
            return settings.temperature();
        }
        var logits = new float[predictions.size() * labels.size()];
        var gold = new boolean[logits.length];
        for (int row = 0; row < predictions.size(); row++) {
            var own = MultiLabelHead.labels(targets.get(row));
            for (int i = 0; i < labels.size(); i++) {
                logits[row * labels.size() + i] = ((Labelled) predictions.get(row)).logit(i);
                gold[row * labels.size() + i] = own.contains(labels.get(i));
            }
        }
        var fitted = Temperature.ofDecisions(logits, gold);
        return fitted.isPresent() ? (Double) fitted.getAsDouble() : settings.temperature();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new MultiLabelHead(settings, context);
    }
}
