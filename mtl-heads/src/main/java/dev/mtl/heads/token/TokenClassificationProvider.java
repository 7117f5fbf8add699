package dev.mtl.heads.token;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.heads.Focal;
import dev.mtl.heads.HeadSettings;
import dev.mtl.heads.Temperature;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The head type {@code token-classification}. */
public final class TokenClassificationProvider
        implements TunableProvider<TokenClassificationProvider.Settings> {
    /** How tags are decoded. */
    public enum Decoding {
        /** The most probable sequence that is valid in BIO2. */
        CONSTRAINED,
        /** The most probable tag of each word. */
        GREEDY
    }

    /**
     * Settings.
     *
     * @param dropout on each token embedding, while training
     * @param labelSmoothing the share of the probability that is distributed over all labels
     * @param classWeights what a word counts in the loss, by its tag
     * @param decoding how tags are decoded in predictions
     * @param crf whether a sentence's tags are scored jointly, by a linear-chain CRF
     * @param calibrate whether the temperature is fitted to the validation data after training
     * @param temperature what logits are divided by for the entities' scores, of a CRF the
     *     logarithms of its marginals; null: 1
     * @param focalGamma the exponent of the focal loss, 0 for none
     */
    public record Settings(
            double dropout,
            double labelSmoothing,
            ClassWeights classWeights,
            Decoding decoding,
            boolean crf,
            boolean calibrate,
            @Nullable Double temperature,
            double focalGamma) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            HeadSettings.checkLabelSmoothing(labelSmoothing);
            // models that were saved before these settings existed have none
            classWeights = Objects.requireNonNullElseGet(classWeights, ClassWeights::none);
            HeadSettings.checkTemperature(temperature);
            decoding = Objects.requireNonNullElse(decoding, Decoding.CONSTRAINED);
            Focal.check(focalGamma, labelSmoothing);
            if (crf && (labelSmoothing > 0 || classWeights.areSet() || focalGamma > 0)) {
                throw new IllegalArgumentException(
                        "crf scores whole sentences, which label_smoothing, class_weights and"
                                + " focal_gamma do not apply to; leave them out");
            }
        }

        /** Without focal loss. */
        public Settings(
                double dropout,
                double labelSmoothing,
                ClassWeights classWeights,
                Decoding decoding,
                boolean crf,
                boolean calibrate,
                @Nullable Double temperature) {
            this(dropout, labelSmoothing, classWeights, decoding, crf, calibrate, temperature, 0);
        }

        Settings withClassWeights(ClassWeights learned) {
            return new Settings(
                    dropout,
                    labelSmoothing,
                    learned,
                    decoding,
                    crf,
                    calibrate,
                    temperature,
                    focalGamma);
        }

        Settings withTemperature(double fitted) {
            return new Settings(
                    dropout,
                    labelSmoothing,
                    classWeights,
                    decoding,
                    crf,
                    calibrate,
                    fitted,
                    focalGamma);
        }
    }

    @Override
    public String type() {
        return "token-classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0, ClassWeights.none(), Decoding.CONSTRAINED, false, true, null);
    }

    /** {@code O} first, then the other tags in alphabetical order. */
    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var tags = new TreeSet<String>();
        targets.forEach(target -> tags.addAll(TokenClassificationHead.tags(target).tags()));
        tags.remove(Spans.OUTSIDE);
        var labels = new ArrayList<String>();
        labels.add(Spans.OUTSIDE);
        labels.addAll(tags);
        return labels;
    }

    @Override
    public Settings learnSettings(Settings settings, Iterable<Target> targets) {
        var counts = new TreeMap<String, Integer>();
        for (var target : targets) {
            TokenClassificationHead.tags(target)
                    .tags()
                    .forEach(tag -> counts.merge(tag, 1, Integer::sum));
        }
        return settings.withClassWeights(settings.classWeights().forCounts(counts));
    }

    @Override
    public boolean tunes(Settings settings) {
        return settings.calibrate();
    }

    /** Fits the temperature to whether the predicted entities are in the data. */
    @Override
    public Settings tune(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        var entities = new ArrayList<TagEvidence>();
        var right = new BitSet();
        for (int i = 0; i < predictions.size(); i++) {
            var tagged = (Tagged) predictions.get(i);
            var gold = TokenClassificationHead.tags(targets.get(i)).tags();
            var own = EntityMetric.rightEntities(tagged, gold);
            for (int j = 0; j < own.length; j++) {
                right.set(entities.size(), own[j]);
                entities.add(tagged.evidence().get(j));
            }
        }
        var fitted = Temperature.ofAnswers(entities, right);
        return fitted.isPresent() ? settings.withTemperature(fitted.getAsDouble()) : settings;
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new TokenClassificationHead(settings, context);
    }
}
