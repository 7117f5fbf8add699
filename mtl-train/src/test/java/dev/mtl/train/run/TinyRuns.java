package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Runs of a tiny model on a toy problem, each of which must leave no tensor behind. */
@ExtendWith(LeavesNoTensorBehind.class)
abstract class TinyRuns {
    @TempDir private Path folder;

    static TrainingConfig config(int steps, String more) {
        return TestConfigs.training(
                "{epochs: 1, max_steps: %d, batch_size: 4, gradient_accumulation_steps: 2, base_lr: 3.0e-3%s}"
                        .formatted(steps, more));
    }

    /** Hears everything, says nothing. */
    static class Recorder implements TrainingListener {
        final List<Step> steps = new ArrayList<>();
        final List<Evaluated> evaluations = new ArrayList<>();
        final List<String> notes = new ArrayList<>();

        @Override
        public void onNote(String note) {
            notes.add(note);
        }

        @Override
        public void onStep(Step step) {
            steps.add(step);
        }

        @Override
        public void onEvaluation(Evaluated evaluated) {
            evaluations.add(evaluated);
        }
    }

    record Trained(
            Map<String, float[]> before,
            Map<String, float[]> after,
            Recorder heard,
            int saves,
            Outcome outcome) {}

    double dropout = 0.1;

    Device device = Device.CPU;

    @Nullable Double headRate;

    boolean poison;

    boolean poisonHead;

    Trained train(TrainingConfig config, int workerCount, Recorder recorder) {
        var backbone = TinyModel.write(folder.resolve("backbone" + dropout), 1, dropout);
        var saves = new ArrayList<Integer>();
        var tasks =
                headRate == null
                        ? List.<TaskConfig>of()
                        : List.of(TinyTraining.task("side", headRate));
        var data = List.of(TinyTraining.data(64, 5));
        try (var model = TinyTraining.model(backbone, dropout, device, config.adapter().plan());
                var workers = new Workers("test", workerCount);
                var trainer =
                        new Trainer(
                                model,
                                tasks,
                                config,
                                TinyTraining.encode(model, data),
                                TinyTraining.encode(model, List.of(TinyTraining.data(40, 6))),
                                workers,
                                Collective.alone(),
                                recorder,
                                _ -> saves.add(1))) {
            if (poison) {
                try (var _ = TensorScope.open()) {
                    var embeddings = model.parameters().get("embeddings.word_embeddings.weight");
                    embeddings.copyFrom(Tensors.scalar(Float.NaN));
                }
            }
            if (poisonHead) {
                // the loss is large, and the squares of the gradients are too large
                try (var _ = TensorScope.open()) {
                    var weight = model.parameters().get("heads.side.weight");
                    weight.slice(0, 0, 1).copyFrom(Tensors.scalar(1e30f));
                    weight.slice(0, 1, 2).copyFrom(Tensors.scalar(-1e30f));
                }
            }
            trainer.checkpointTo(
                    new Checkpoints(
                            folder.resolve("checkpoints"), RunIdentity.of("", data, List.of()), 2));
            var start = ResumableRun.weights(model);
            var outcome = trainer.train();
            return new Trained(start, ResumableRun.weights(model), recorder, saves.size(), outcome);
        }
    }

    static void checkChanges(Trained trained, Predicate<String> trains) {
        trained.before()
                .forEach(
                        (name, weights) -> {
                            var after = trained.after().get(name);
                            if (trains.test(name)) {
                                assertThat(after).as(name).isNotEqualTo(weights);
                            } else {
                                assertThat(after).as(name).containsExactly(weights);
                            }
                        });
    }
}
