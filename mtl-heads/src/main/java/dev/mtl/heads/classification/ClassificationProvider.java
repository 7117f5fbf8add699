package dev.mtl.heads.classification;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.heads.Focal;
import dev.mtl.heads.HeadSettings;
import dev.mtl.heads.Pooler;
import dev.mtl.heads.Temperature;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The head type {@code classification}. */
public sealed class ClassificationProvider
        implements TunableProvider<ClassificationProvider.Settings>
        permits PairClassificationProvider {
    /**
     * Settings.
     *
     * @param dropout on the embedding, while training
     * @param labelSmoothing the share of the probability that is distributed over all labels
     * @param classWeights what an item counts in the loss
     * @param calibrate whether the temperature is fitted to the validation data after training
     * @param temperature what logits are divided by for the scores; null: 1
     * @param reject whether texts may have none of the labels
     * @param focalGamma the exponent of the focal loss, 0 for none
     * @param pooler between the first token and the logits; none: they are of the embedding
     */
    public record Settings(
            double dropout,
            double labelSmoothing,
            ClassWeights classWeights,
            boolean calibrate,
            @Nullable Double temperature,
            Reject reject,
            double focalGamma,
            Pooler pooler) {
        public Settings {
            pooler = Pooler.orNone(pooler);
            HeadSettings.checkDropout(dropout);
            HeadSettings.checkLabelSmoothing(labelSmoothing);
            // models that were saved before this setting existed have none
            classWeights = Objects.requireNonNullElseGet(classWeights, ClassWeights::none);
            HeadSettings.checkTemperature(temperature);
            reject = Objects.requireNonNullElse(reject, Reject.NONE);
            Focal.check(focalGamma, labelSmoothing);
        }

        /** Without focal loss and pooler. */
        public Settings(
                double dropout,
                double labelSmoothing,
                ClassWeights classWeights,
                boolean calibrate,
                @Nullable Double temperature,
                Reject reject) {
            this(
                    dropout,
                    labelSmoothing,
                    classWeights,
                    calibrate,
                    temperature,
                    reject,
                    0,
                    Pooler.NONE);
        }

        /** What logits are divided by. */
        double divisor() {
            return temperature == null ? 1 : temperature;
        }

        Settings withClassWeights(ClassWeights learned) {
            return with(learned, temperature, reject);
        }

        Settings withTemperature(double fitted) {
            return with(classWeights, fitted, reject);
        }

        Settings withReject(Reject fitted) {
            return with(classWeights, temperature, fitted);
        }

        private Settings with(ClassWeights weights, @Nullable Double fitted, Reject rejecting) {
            return new Settings(
                    dropout,
                    labelSmoothing,
                    weights,
                    calibrate,
                    fitted,
                    rejecting,
                    focalGamma,
                    pooler);
        }
    }

    @Override
    public String type() {
        return "classification";
    }

    /** What is classified. */
    HeadInput input() {
        return HeadInput.SENTENCE;
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0, ClassWeights.none(), true, null, Reject.NONE);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.add(ClassificationHead.category(target).label()));
        return List.copyOf(labels);
    }

    /** The label of texts that have none of the labels is none of them. */
    @Override
    public List<String> learnLabels(Settings settings, Iterable<Target> targets) {
        return learnLabels(targets).stream()
                .filter(label -> !settings.reject().isOutOfScope(label))
                .toList();
    }

    @Override
    public Settings learnSettings(Settings settings, Iterable<Target> targets) {
        var counts = new TreeMap<String, Integer>();
        for (var target : targets) {
            counts.merge(ClassificationHead.category(target).label(), 1, Integer::sum);
        }
        counts.keySet().removeIf(settings.reject()::isOutOfScope);
        return settings.withClassWeights(settings.classWeights().forCounts(counts));
    }

    @Override
    public boolean tunes(Settings settings) {
        return settings.calibrate() || settings.reject().isOn();
    }

    /** Fits to the texts that have a label of the training data. */
    @Override
    public Settings tune(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        var inScope = inScope(labels, predictions, targets);
        var tuned = settings;
        if (settings.calibrate()) {
            var temperature =
                    Temperature.ofClasses(
                            inScope.stream().map(answer -> answer.prediction().logits()).toList(),
                            indices(inScope));
            if (temperature.isPresent()) {
                tuned = settings.withTemperature(temperature.getAsDouble());
            }
        }
        if (settings.reject().isOn()) {
            var scoring = tuned;
            var scores = inScope.stream().mapToDouble(answer -> answer.prediction().score(scoring));
            tuned = tuned.withReject(settings.reject().fitted(scores.toArray()));
        }
        return tuned;
    }

    @Override
    public boolean fitsWeights(Settings settings) {
        return settings.reject().readsEmbeddings();
    }

    @Override
    public Map<String, float[]> fitWeights(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        var inScope = inScope(labels, predictions, targets);
        var embeddings =
                inScope.stream()
                        .map(answer -> Objects.requireNonNull(answer.prediction().embedding()))
                        .toList();
        return LabelGaussians.fit(embeddings, indices(inScope), labels.size());
    }

    /** A prediction for a text, and the index of its label. */
    private record Answer(Classified prediction, int gold) {}

    private static List<Answer> inScope(
            List<String> labels, List<? extends Prediction> predictions, List<Target> targets) {
        var answers = new ArrayList<Answer>();
        for (int i = 0; i < predictions.size(); i++) {
            int gold = labels.indexOf(ClassificationHead.category(targets.get(i)).label());
            if (gold >= 0) {
                answers.add(new Answer((Classified) predictions.get(i), gold));
            }
        }
        return answers;
    }

    private static int[] indices(List<Answer> answers) {
        return answers.stream().mapToInt(Answer::gold).toArray();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new ClassificationHead(input(), settings, context);
    }
}
