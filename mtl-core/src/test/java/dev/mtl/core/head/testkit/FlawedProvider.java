package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;
import java.util.TreeSet;

/** Makes a head with one of the mistakes that authors make. */
public final class FlawedProvider implements HeadProvider<FlawedProvider.Settings> {
    /** A mistake. */
    public enum Flaw {
        NONE,
        LOSS_IS_A_SUM,
        PADDING_LEAKS,
        NORMALIZER_COUNTS_TEXTS,
        NORMALIZER_IS_NOT_ADDITIVE,
        USES_THE_BATCH_MEAN,
        LOSS_WITHOUT_GRADIENT,
        DECLARES_ITSELF_LINEAR,
        TARGETS_ARE_CAST,
        ONE_PREDICTION_TOO_FEW,
        PREDICTS_TENSOR_TYPES,
        UNKNOWN_PRIMARY_METRIC,
        FORGETS_ITS_SETTINGS,
        KEEPS_A_TENSOR
    }

    /**
     * Settings.
     *
     * @param flaw which mistake the head makes
     */
    public record Settings(Flaw flaw) {
        /** With {@link Flaw#FORGETS_ITS_SETTINGS} no two are equal, as with a class of its own. */
        @Override
        public boolean equals(Object other) {
            return this == other
                    || (other instanceof Settings(var same)
                            && same == flaw
                            && flaw != Flaw.FORGETS_ITS_SETTINGS);
        }

        @Override
        public int hashCode() {
            return flaw.hashCode();
        }
    }

    @Override
    public String type() {
        return "flawed";
    }

    @Override
    public Settings defaults() {
        return new Settings(Flaw.NONE);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.addAll(((Target.Tags) target).tags()));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new FlawedHead(settings.flaw(), context);
    }
}
