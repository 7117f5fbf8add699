package dev.mtl.heads.token;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The head type {@code token-classification}. */
public final class TokenClassificationProvider
        implements HeadProvider<TokenClassificationProvider.Settings> {
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
     * @param classWeights the weight of a word in the loss, by tag; 1 for tags not named
     * @param decoding how tags are decoded in predictions
     * @param crf whether a sentence's tags are scored jointly, by a linear-chain CRF
     */
    public record Settings(
            double dropout,
            double labelSmoothing,
            Map<String, Double> classWeights,
            Decoding decoding,
            boolean crf) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            HeadSettings.checkLabelSmoothing(labelSmoothing);
            // models that were saved before these settings existed have none
            classWeights = new TreeMap<>(Objects.requireNonNullElse(classWeights, Map.of()));
            HeadSettings.checkClassWeights(classWeights);
            decoding = Objects.requireNonNullElse(decoding, Decoding.CONSTRAINED);
            if (crf && (labelSmoothing > 0 || !classWeights.isEmpty())) {
                throw new IllegalArgumentException(
                        "crf scores whole sentences, which label_smoothing and class_weights do not"
                                + " apply to; leave them out");
            }
        }
    }

    @Override
    public String type() {
        return "token-classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0, Map.of(), Decoding.CONSTRAINED, false);
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
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new TokenClassificationHead(settings, context);
    }
}
