package dev.mtl.heads.similarity;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.Matryoshka;

import java.util.List;
import java.util.Objects;

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
     * @param matryoshka numbers of dimensions that are trained beside the whole embedding
     */
    public record Settings(Loss loss, double scale, List<String> matryoshka) {
        public Settings {
            // models that were saved before this setting existed have none
            matryoshka = List.copyOf(Objects.requireNonNullElse(matryoshka, List.of()));
            Matryoshka.parse(matryoshka);
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
        return new Settings(Loss.COSENT, 20, List.of());
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        targets.forEach(SimilarityHead::score);
        return List.of();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        Matryoshka.requireFit(Matryoshka.parse(settings.matryoshka()), context.sentenceSize());
        return new SimilarityHead(settings, context.task());
    }
}
