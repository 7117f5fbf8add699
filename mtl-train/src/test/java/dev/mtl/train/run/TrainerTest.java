package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Objects;

class TrainerTest extends TinyRuns {
    @Test
    void learnsAToyProblem() {
        var trained = train(config(200, ""), 2, new Recorder());
        var last = trained.heard().evaluations.getLast();
        assertThat(last.evaluation().tasks().get("side")).containsEntry("accuracy", 1.0);
        assertThat(trained.heard().steps).hasSize(200);
        assertThat(trained.heard().evaluations).hasSize(25);
        var first = trained.heard().evaluations.getFirst();
        assertThat(last.trainLoss()).isLessThan(0.5 * Objects.requireNonNull(first.trainLoss()));
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
        var one = train(config(12, ""), 1, new Recorder());
        var two = train(config(12, ""), 2, new Recorder());
        one.after()
                .forEach(
                        (name, w) -> assertThat(two.after().get(name)).as(name).containsExactly(w));
        assertThat(two.heard().steps)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
                .isEqualTo(one.heard().steps);
    }

    @Test
    @EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
    void aGpuHasTheLossesOfACpu() {
        dropout = 0;
        var cpu = train(config(12, ""), 2, new Recorder());
        device = Device.cuda(0);
        var gpu = train(config(12, ""), 1, new Recorder());
        for (int i = 0; i < 12; i++) {
            assertThat(gpu.heard().steps.get(i).loss())
                    .as("loss of step %d", i + 1)
                    .isCloseTo(cpu.heard().steps.get(i).loss(), within(1e-4));
        }
        dropout = 0.1;
        var first = train(config(12, ""), 1, new Recorder());
        var second = train(config(12, ""), 1, new Recorder());
        first.after()
                .forEach(
                        (name, weights) ->
                                assertThat(second.after().get(name))
                                        .as(name)
                                        .containsExactly(weights));
    }

    @Test
    void theTimeOfAStepHasNeitherFeaturesNorCheckpointsNorRecordsInIt() {
        var slow =
                new Recorder() {
                    @Override
                    public void onFeatures(int texts, int ofTexts) {
                        sleep(texts == ofTexts ? 400 : 0);
                    }

                    @Override
                    public void onStep(Step step) {
                        super.onStep(step);
                        sleep(40);
                    }

                    @Override
                    public void onEvaluation(Evaluated evaluated) {
                        super.onEvaluation(evaluated);
                        sleep(40);
                    }
                };
        long begun = System.nanoTime();
        train(config(10, ", freezing: {policy: backbone}, evaluate_every: 1 steps"), 2, slow);
        double all = (System.nanoTime() - begun) / 1e9;
        assertThat(slow.steps).hasSize(10).allMatch(step -> step.seconds() > 0);
        assertThat(slow.evaluations).hasSize(10).allMatch(evaluated -> evaluated.seconds() > 0);
        double measured =
                slow.steps.stream().mapToDouble(TrainingListener.Step::seconds).sum()
                        + slow.evaluations.stream()
                                .mapToDouble(TrainingListener.Evaluated::seconds)
                                .sum();
        // what was slept, whatever the speed of this machine
        assertThat(measured).isLessThan(all - 1.2);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aHeadMayHaveALearningRateOfItsOwn() {
        headRate = 1e-9;
        var trained = train(config(12, ", weight_decay: 0"), 1, new Recorder());
        assertThat(trained.heard().steps.getFirst().learningRates())
                .containsKeys("head side", "head words", "layer 1", "embeddings");
        var change =
                trained.after().get("heads.side.weight")[0]
                        - trained.before().get("heads.side.weight")[0];
        assertThat(Math.abs(change)).isLessThan(1e-7f);
        assertThat(trained.after().get("heads.words.weight"))
                .isNotEqualTo(trained.before().get("heads.words.weight"));
    }

    @Test
    void trainingEndsWhereNoBetterModelComes() {
        var trained =
                train(
                        config(
                                400,
                                ", early_stopping_patience: 3, evaluate_every: 8 steps,"
                                        + " best_metric: side.accuracy"),
                        2,
                        new Recorder());
        var evaluations = trained.heard().evaluations;
        assertThat(evaluations.size()).isLessThan(50);
        assertThat(evaluations.subList(evaluations.size() - 3, evaluations.size()))
                .noneMatch(TrainingListener.Evaluated::best);
        assertThat(evaluations.get(evaluations.size() - 4).best()).isTrue();
        assertThat(trained.heard().notes.getLast()).startsWith("no better model in 3 evaluations");
        assertThat(trained.outcome()).isEqualTo(Outcome.STOPPED_EARLY);
    }

    @Test
    void theNormOfGradientsHasTheSameBitsWithAnyNumberOfThreads() {
        try (var _ = TensorScope.open()) {
            // large enough that LibTorch splits it
            var random = new java.util.SplittableRandom(1);
            var values = new float[3_000_001];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-1, 1);
            }
            var gradients = new ArrayList<@Nullable Tensor>();
            gradients.add(Tensors.of(values, values.length));
            double one = Threads.withThreads(1, () -> Optimizer.clip(gradients, 0));
            double two = Threads.withThreads(2, () -> Optimizer.clip(gradients, 0));
            double three = Threads.withThreads(3, () -> Optimizer.clip(gradients, 0));
            assertThat(two).isEqualTo(one);
            assertThat(three).isEqualTo(one);
        }
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
        train(config(2000, ""), 2, recorder);
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
