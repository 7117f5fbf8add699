package dev.mtl.train.step;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.sampling.TrainingSet;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/** Locates the source of an infinite or NaN loss or gradient. */
public final class NonFinite {
    private NonFinite() {}

    /**
     * The tasks whose heads have a gradient that is not finite.
     *
     * @param parameters their names
     * @param gradients one for each, null where there is none
     */
    public static List<String> tasks(
            Collection<String> parameters, List<@Nullable Tensor> gradients) {
        var tasks = new LinkedHashSet<String>();
        int i = 0;
        for (var name : parameters) {
            var gradient = gradients.get(i++);
            if (gradient != null
                    && name.startsWith("heads.")
                    && !Double.isFinite(Gradients.globalNorm(List.of(gradient)))) {
                tasks.add(LayerwiseRates.taskOf(name));
            }
        }
        return List.copyOf(tasks);
    }

    /**
     * Describes in one line what is infinite or NaN: its task, and the examples of the
     * micro-batches that it came from.
     *
     * @param number of the step, from 1
     * @param batches of the step, in the order of its micro-batches
     */
    public static String describe(int number, StepResult result, List<TrainingSet.Batch> batches) {
        var places = new ArrayList<String>();
        for (int i = 0; i < batches.size(); i++) {
            var batch = batches.get(i);
            for (var loss : result.parts().get(i).entrySet()) {
                if (!Double.isFinite(loss.getValue())) {
                    places.add(
                            "the loss of '"
                                    + loss.getKey()
                                    + "' is "
                                    + loss.getValue()
                                    + " for "
                                    + examples(batch));
                }
            }
        }
        if (places.isEmpty()) {
            var tasks =
                    result.nonFiniteTasks().isEmpty()
                            ? result.taskLosses().keySet()
                            : result.nonFiniteTasks();
            places.add(
                    "the norm of the gradients of '"
                            + String.join("', '", tasks)
                            + "' is "
                            + result.gradientNorm()
                            + " for "
                            + examples(batches));
        }
        return "step " + number + ": " + String.join("; ", places);
    }

    private static String examples(List<TrainingSet.Batch> batches) {
        return String.join(", ", batches.stream().map(batch -> examples(batch)).toList());
    }

    private static String examples(TrainingSet.Batch batch) {
        return "the examples at "
                + TokenizedExample.places(
                        batch.examples().stream().map(TokenizedExample::example).toList());
    }
}
