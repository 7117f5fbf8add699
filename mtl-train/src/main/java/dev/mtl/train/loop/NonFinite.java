package dev.mtl.train.loop;

import dev.mtl.train.data.Example;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Says where an infinity, or what is no number, came from. */
final class NonFinite {
    private NonFinite() {}

    static String describe(
            int step,
            StepResult result,
            double norm,
            List<BatchPlan.Batch> batches,
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
            places.add(
                    "the norm of the gradients is " + norm + " for " + examples(batches, training));
        }
        return "step " + step + ": " + String.join("; ", places);
    }

    private static String examples(List<BatchPlan.Batch> batches, TrainingGroups training) {
        return String.join(", ", batches.stream().map(batch -> examples(batch, training)).toList());
    }

    private static String examples(BatchPlan.Batch batch, TrainingGroups training) {
        var group = training.group(batch);
        return "the examples at "
                + Example.places(
                        Arrays.stream(batch.examples()).mapToObj(group.examples()::get).toList());
    }
}
