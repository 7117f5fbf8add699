package dev.mtl.train.testing;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;

import java.util.Map;
import java.util.Set;

/** Accuracy, and the number of errors, of predictions whose text is their label. */
public final class Accuracy implements Metric {
    private int right;
    private int all;

    @Override
    public boolean add(Prediction prediction, Target target) {
        boolean correct = target.equals(new Target.Category(prediction.toText()));
        right += correct ? 1 : 0;
        all++;
        return correct;
    }

    @Override
    public Map<String, Double> scores() {
        return Map.of(
                "accuracy", all == 0 ? 0.0 : (double) right / all, "errors", (double) all - right);
    }

    @Override
    public Set<String> lowerIsBetter() {
        return Set.of("errors");
    }
}
