package dev.mtl.train.step;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.train.data.Example;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.sampling.BatchSampler;
import dev.mtl.train.sampling.TrainingGroups;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/** Says where an infinity, or what is no number, came from. */
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
     * One line for a person.
     *
     * @param tasks whose gradients are not finite; empty if that is not known
     */
    public static String describe(
            int step,
            StepResult result,
            double norm,
            List<String> tasks,
            List<BatchSampler.Batch> batches,
            TrainingGroups training) {
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
                                    + examples(batch, training));
                }
            }
        }
        if (places.isEmpty()) {
            var whose = tasks.isEmpty() ? List.copyOf(result.taskLosses().keySet()) : tasks;
            places.add(
                    "the norm of the gradients of '"
                            + String.join("', '", whose)
                            + "' is "
                            + norm
                            + " for "
                            + examples(batches, training));
        }
        return "step " + step + ": " + String.join("; ", places);
    }

    private static String examples(List<BatchSampler.Batch> batches, TrainingGroups training) {
        return String.join(", ", batches.stream().map(batch -> examples(batch, training)).toList());
    }

    private static String examples(BatchSampler.Batch batch, TrainingGroups training) {
        var group = training.group(batch);
        return "the examples at "
                + Example.places(
                        Arrays.stream(batch.examples()).mapToObj(group.examples()::get).toList());
    }
}
