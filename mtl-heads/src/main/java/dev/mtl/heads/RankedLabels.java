package dev.mtl.heads;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.pipeline.Label;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** All labels of a head with their probabilities. */
public final class RankedLabels {
    private RankedLabels() {}

    /**
     * The labels, best first; equally good ones in the order of their logits.
     *
     * @param logits of the labels, which decide the order
     * @param probabilities of the labels
     */
    public static List<Label> of(LabelIndex labels, float[] logits, double[] probabilities) {
        // Adding 0 makes zeros of either sign equal.
        Comparator<Integer> byLogit = (a, b) -> Float.compare(logits[b] + 0f, logits[a] + 0f);
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(byLogit)
                .map(i -> new Label(labels.label(i), probabilities[i]))
                .toList();
    }
}
