package dev.mtl.heads.similarity;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;

/** The head type {@code similarity}. */
public final class SimilarityProvider implements HeadProvider<SimilarityProvider.Settings> {
    /** What is learned from the scores. */
    public enum Loss {
        /**
         * Their order: a pair with a higher score should have a higher cosine (Su 2022, <a
         * href="https://kexue.fm/archives/8847">kexue.fm/archives/8847</a>).
         */
        COSENT,
        /** The squared difference to the scores, which must be cosines. */
        COSINE_MSE
    }

    /**
     * Settings.
     *
     * @param scale for {@link Loss#COSENT}: the factor of the differences of cosines
     */
    public record Settings(Loss loss, double scale) {
        public Settings {
            if (!(scale > 0) || Double.isInfinite(scale)) {
                throw new IllegalArgumentException(
                        "scale is " + scale + ", it must be above 0 and finite");
            }
        }
    }

    @Override
    public String type() {
        return "similarity";
    }

    @Override
    public Settings defaults() {
        return new Settings(Loss.COSENT, 20);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        targets.forEach(SimilarityHead::score);
        return List.of();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new SimilarityHead(settings, context.task());
    }
}
