package dev.mtl.train.step;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Precision;
import dev.mtl.torch.Tensor;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.StaticWeights;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A training step that records its gradients where others have an optimizer. */
final class RecordingStep implements AutoCloseable {
    private final MultiTaskModel model;
    private final TrainingStep step;
    private final Map<String, float[]> gradients = new LinkedHashMap<>();

    /** How a step computes its gradients. */
    record Options(
            Precision precision,
            boolean checkpointing,
            boolean deterministic,
            boolean projecting,
            int chunk,
            double rDrop,
            SingleProcess.Draws draws) {
        Options(
                Precision precision,
                boolean checkpointing,
                boolean deterministic,
                boolean projecting) {
            this(precision, checkpointing, deterministic, projecting, 0);
        }

        Options(
                Precision precision,
                boolean checkpointing,
                boolean deterministic,
                boolean projecting,
                int chunk) {
            this(
                    precision,
                    checkpointing,
                    deterministic,
                    projecting,
                    chunk,
                    0,
                    SingleProcess.Draws.BY_MICRO_BATCH);
        }

        static final Options PLAIN = new Options(Precision.FP32, false, true, false);
    }

    RecordingStep(
            MultiTaskModel model, Workers workers, Options options, Map<String, Double> weights) {
        this.model = model;
        var precision = new MixedPrecision(model.device(), options.precision());
        step =
                new TrainingStep(
                        model,
                        new TrainingEncoder(
                                model,
                                precision,
                                new TrainingEncoder.Recomputation(
                                        options.checkpointing(), options.chunk())),
                        new StaticWeights(new LinkedHashMap<>(weights)),
                        options.projecting() ? TaskGradients.projected() : new SummedLoss(),
                        new SingleProcess(model, workers, options.deterministic(), options.draws()),
                        (all, _) -> record(all),
                        new TrainingStep.Settings(
                                99,
                                0,
                                options.rDrop(),
                                new LearningRateSchedule(Schedule.CONSTANT, 0, 1, 1)));
    }

    private void record(List<@Nullable Tensor> all) {
        gradients.clear();
        int i = 0;
        for (var name : model.parameters().names()) {
            var gradient = all.get(i++);
            if (gradient != null) {
                gradients.put(name, gradient.toFloats());
            }
        }
    }

    void train(Freezing.Stage stage) {
        step.train(stage);
    }

    StepResult run(List<MicroBatch> microBatches) {
        return step.run(0, microBatches);
    }

    /** The gradients of the last step, by parameter; without those that have none. */
    Map<String, float[]> gradients() {
        return gradients;
    }

    @Override
    public void close() {
        step.close();
    }
}
