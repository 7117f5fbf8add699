package dev.mtl.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Tensor;
import dev.mtl.train.config.FreezingConfig;
import dev.mtl.train.config.FreezingConfig.Policy;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.optim.Schedule;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

class TrainerTest {
    @TempDir private Path folder;
    private long before;

    @BeforeEach
    void count() {
        before = Tensor.liveCount();
    }

    @AfterEach
    void leavesNoTensorBehind() {
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    private static TrainingConfig config(int steps, FreezingConfig freezing) {
        return new TrainingConfig(
                1,
                steps,
                4,
                2,
                3e-3,
                0.95,
                0.01,
                0.1,
                null,
                Schedule.LINEAR,
                1.0,
                0.9,
                0.999,
                1e-8,
                freezing,
                42,
                "cpu",
                null);
    }

    private static final FreezingConfig NOTHING_FROZEN = new FreezingConfig(Policy.NONE, List.of());

    /** Hears everything, says nothing. */
    private static class Recorder implements TrainingListener {
        final List<Step> steps = new ArrayList<>();
        final List<Evaluated> evaluations = new ArrayList<>();

        @Override
        public void onStep(Step step) {
            steps.add(step);
        }

        @Override
        public void onEvaluation(Evaluated evaluated) {
            evaluations.add(evaluated);
        }
    }

    private record Trained(
            Map<String, float[]> before, Map<String, float[]> after, Recorder heard, int saves) {}

    private Trained train(TrainingConfig config, int workerCount, Recorder recorder) {
        var backbone = TinyModel.write(folder.resolve("backbone"), 1, 0.1);
        var saves = new ArrayList<Integer>();
        try (var model = TinyTraining.model(backbone, 0.1);
                var workers = new Workers("test", workerCount);
                var trainer =
                        new Trainer(
                                model,
                                List.of(),
                                config,
                                List.of(TinyTraining.data(64, 5)),
                                List.of(TinyTraining.data(40, 6)),
                                workers,
                                recorder,
                                () -> saves.add(1))) {
            var start = weights(model);
            trainer.train();
            return new Trained(start, weights(model), recorder, saves.size());
        }
    }

    private static Map<String, float[]> weights(MultiTaskModel model) {
        var weights = new LinkedHashMap<String, float[]>();
        for (var name : model.parameters().names()) {
            weights.put(name, model.parameters().get(name).toFloats());
        }
        return weights;
    }

    @Test
    void learnsAToyProblem() {
        var trained = train(config(200, NOTHING_FROZEN), 2, new Recorder());
        var last = trained.heard().evaluations.getLast();
        assertThat(last.evaluation().tasks().get("side")).containsEntry("accuracy", 1.0);
        assertThat(trained.heard().steps).hasSize(200);
        assertThat(trained.heard().evaluations).hasSize(25);
        assertThat(last.trainLoss())
                .isLessThan(0.5 * trained.heard().evaluations.getFirst().trainLoss());
        assertThat(trained.saves())
                .isEqualTo(
                        (int)
                                trained.heard().evaluations.stream()
                                        .filter(TrainingListener.Evaluated::best)
                                        .count())
                .isPositive();
    }

    @Test
    void theSameSeedGivesTheSameWeightsWithAnyNumberOfWorkers() {
        var one = train(config(12, NOTHING_FROZEN), 1, new Recorder());
        var two = train(config(12, NOTHING_FROZEN), 2, new Recorder());
        one.after()
                .forEach(
                        (name, w) -> assertThat(two.after().get(name)).as(name).containsExactly(w));
        assertThat(two.heard().steps).isEqualTo(one.heard().steps);
    }

    @Test
    void aFrozenBackboneStaysBitForBit() {
        var trained =
                train(
                        config(12, new FreezingConfig(Policy.BACKBONE, List.of())),
                        2,
                        new Recorder());
        checkChanges(trained, name -> name.startsWith("heads."));
    }

    @Test
    void aFrozenHeadStaysBitForBit() {
        var trained =
                train(
                        config(12, new FreezingConfig(Policy.HEADS, List.of("words"))),
                        2,
                        new Recorder());
        checkChanges(trained, name -> !name.startsWith("heads.words."));
    }

    private static void checkChanges(Trained trained, Predicate<String> trains) {
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

    @Test
    void twoThousandStepsKeepTensorsAndMemoryFlat() {
        var memory = new ArrayList<Long>();
        var live = new ArrayList<Long>();
        var recorder =
                new Recorder() {
                    @Override
                    public void onStep(Step step) {
                        if (step.step() == 700 || step.step() == 2000) {
                            live.add(Tensor.liveCount());
                            memory.add(residentKilobytes());
                        }
                    }
                };
        train(config(2000, NOTHING_FROZEN), 2, recorder);
        assertThat(live.get(1)).isEqualTo(live.get(0));
        assumeTrue(memory.get(0) > 0, "resident memory is read on Linux only");
        assertThat(memory.get(1)).isLessThan((long) (memory.get(0) * 1.10));
    }

    /** VmRSS of this process after a collection, -1 where there is no /proc. */
    private static long residentKilobytes() {
        System.gc();
        try {
            for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }
}
