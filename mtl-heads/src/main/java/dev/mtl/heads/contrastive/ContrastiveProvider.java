package dev.mtl.heads.contrastive;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.Matryoshka;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The head type {@code contrastive}. */
public final class ContrastiveProvider implements HeadProvider<ContrastiveProvider.Settings> {
    /**
     * Settings.
     *
     * @param scale the factor of the cosines before the softmax
     * @param symmetric whether texts also find their anchors
     * @param skipDuplicates whether texts that are the same as an example's own are no negatives
     * @param falseNegativeMargin texts whose cosine is above the own text's plus this are no
     *     negatives; null: all are
     * @param guide the name or folder of a model whose cosines decide that; null for the encoder
     *     that trains
     * @param matryoshka numbers of dimensions that are trained beside the whole embedding
     */
    public record Settings(
            double scale,
            boolean symmetric,
            boolean skipDuplicates,
            @Nullable Double falseNegativeMargin,
            @Nullable String guide,
            List<String> matryoshka) {
        public Settings {
            // models that were saved before this setting existed have none
            matryoshka = List.copyOf(Objects.requireNonNullElse(matryoshka, List.of()));
            Matryoshka.parse(matryoshka);
            if (falseNegativeMargin != null && !(Math.abs(falseNegativeMargin) <= 2)) {
                throw new IllegalArgumentException(
                        "false_negative_margin is "
                                + falseNegativeMargin
                                + ", it is a difference of cosines, -2 to 2");
            }
            if (!(scale > 0) || Double.isInfinite(scale)) {
                throw new IllegalArgumentException(
                        "scale is " + scale + ", it must be above 0 and finite");
            }
        }
    }

    @Override
    public String type() {
        return "contrastive";
    }

    @Override
    public Settings defaults() {
        return new Settings(20, false, false, null, null, List.of());
    }

    @Override
    public Optional<String> teacher(Settings settings) {
        return Optional.ofNullable(settings.guide());
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        targets.forEach(ContrastiveHead::requireGroup);
        return List.of();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        Matryoshka.requireFit(Matryoshka.parse(settings.matryoshka()), context.sentenceSize());
        return new ContrastiveHead(settings, context.task());
    }
}
