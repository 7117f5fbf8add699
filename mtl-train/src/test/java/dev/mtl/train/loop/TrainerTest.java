package dev.mtl.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.ParameterReader;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.Threads;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.data.DataGroup;
import dev.mtl.train.testing.TinyTraining;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private static TrainingConfig config(int steps, String more) {
        return TestConfigs.training(
                "{epochs: 1, max_steps: %d, batch_size: 4, gradient_accumulation_steps: 2, base_lr: 3.0e-3%s}"
                        .formatted(steps, more));
    }

    /** Hears everything, says nothing. */
    private static class Recorder implements TrainingListener {
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

    private record Trained(
            Map<String, float[]> before,
            Map<String, float[]> after,
            Recorder heard,
            int saves,
            Trainer.Outcome outcome) {}

    private double dropout = 0.1;
    private Device device = Device.CPU;
    private @Nullable Double headRate;
    private boolean poison;
    private boolean poisonHead;

    private Trained train(TrainingConfig config, int workerCount, Recorder recorder) {
        var backbone = TinyModel.write(folder.resolve("backbone" + dropout), 1, dropout);
        var saves = new ArrayList<Integer>();
        var tasks =
                headRate == null
                        ? List.<TaskConfig>of()
                        : List.of(TinyTraining.task("side", headRate));
        var data = List.of(TinyTraining.data(64, 5));
        try (var model = TinyTraining.model(backbone, dropout, device);
                var workers = new Workers("test", workerCount);
                var trainer =
                        new Trainer(
                                model,
                                tasks,
                                config,
                                data,
                                List.of(TinyTraining.data(40, 6)),
                                workers,
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
            var start = weights(model);
            var outcome = trainer.train();
            return new Trained(start, weights(model), recorder, saves.size(), outcome);
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
    @EnabledIf(value = "dev.mtl.torch.Cuda#isAvailable", disabledReason = "no CUDA device")
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
    void fullFreezingTrainsNothingAndSaysSo() {
        var trained = train(config(12, ", freezing: {policy: full}"), 2, new Recorder());
        checkChanges(trained, name -> false);
        assertThat(trained.heard().steps).isEmpty();
        assertThat(trained.heard().notes)
                .containsExactly("nothing to train: training.freezing.policy is full");
        assertThat(trained.heard().evaluations).hasSize(1);
        assertThat(trained.saves()).isEqualTo(1);
    }

    @Test
    void gradualLayersJoinOneAfterTheOther() {
        var recorder = new Recorder();
        var trained =
                train(config(12, ", freezing: {layers: {frozen: 1, gradual: 2}}"), 2, recorder);
        assertThat(recorder.notes).containsExactly("step 7: layer 2 joins");
        checkChanges(
                trained, name -> name.startsWith("heads.") || name.startsWith("encoder.layer.1."));
    }

    @Test
    void whatIsFrozenHasNoOptimizerState() {
        var model = new ArrayList<List<String>>();
        train(
                config(
                        4,
                        ", freezing: {layers: {frozen: 1, always: 2}}, checkpoint_every: 4 steps"),
                2,
                new Recorder() {
                    @Override
                    public void onCheckpoint(int step, Path path) {
                        try (var reader =
                                SafetensorsReader.open(path.resolve("optimizer.safetensors"))) {
                            model.add(List.copyOf(reader.tensors().keySet()));
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                });
        assertThat(model).hasSize(1);
        assertThat(model.getFirst())
                .anyMatch(name -> name.startsWith("first.encoder.layer.1."))
                .anyMatch(name -> name.startsWith("step.heads.side."))
                .noneMatch(name -> name.contains("encoder.layer.0."))
                .noneMatch(name -> name.contains("embeddings."));
    }

    @Test
    void aLayerThatJoinsHasFreshOptimizerStateAndTheCurrentRate() {
        var updates = new LinkedHashMap<String, Float>();
        var trained =
                train(
                        config(
                                12,
                                ", freezing: {layers: {frozen: 1, gradual: 2}}, checkpoint_every:"
                                        + " 12 steps"),
                        2,
                        new Recorder() {
                            @Override
                            public void onCheckpoint(int step, Path path) {
                                try (var reader =
                                                SafetensorsReader.open(
                                                        path.resolve("optimizer.safetensors"));
                                        var _ = TensorScope.open()) {
                                    for (var name :
                                            List.of(
                                                    "encoder.layer.1.output.dense.bias",
                                                    "heads.side.bias")) {
                                        var count =
                                                ParameterReader.read(
                                                        reader, "step." + name, new long[0]);
                                        updates.put(name, (float) count.item());
                                    }
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            }
                        });
        assertThat(updates)
                .containsEntry("encoder.layer.1.output.dense.bias", 6f)
                .containsEntry("heads.side.bias", 12f);
        for (var step : trained.heard().steps.subList(6, 12)) {
            assertThat(step.learningRates().get("layer 2"))
                    .isCloseTo(
                            0.95 * step.learningRates().get("head side"),
                            org.assertj.core.api.Assertions.within(1e-15));
        }
    }

    @Test
    void onlyWhatTrainsHasALearningRate() {
        var gradual =
                train(
                                config(12, ", freezing: {layers: {frozen: 1, gradual: 2}}"),
                                2,
                                new Recorder())
                        .heard()
                        .steps;
        assertThat(gradual.get(5).learningRates()).containsOnlyKeys("head side", "head words");
        assertThat(gradual.get(6).learningRates())
                .containsOnlyKeys("layer 2", "head side", "head words");
        var heads = train(config(1, ", freezing: {heads: [side]}"), 2, new Recorder());
        assertThat(heads.heard().steps.getFirst().learningRates())
                .containsOnlyKeys("embeddings", "layer 1", "layer 2", "head words");
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
    void featuresThatAreKeptTrainTheHeadsAsThoseComputedEachTime() {
        var kept = train(config(12, ", freezing: {policy: backbone}"), 2, new Recorder());
        // a dropout of 0 in frozen layers computes the same features anew in each step
        dropout = 0;
        var keptWithout = train(config(12, ", freezing: {policy: backbone}"), 2, new Recorder());
        var anew =
                train(
                        config(12, ", freezing: {policy: backbone, frozen_dropout: true}"),
                        2,
                        new Recorder());
        assertThat(kept.heard().notes).hasSize(1);
        assertThat(kept.heard().notes.getFirst()).contains("features of 64 texts");
        assertThat(anew.heard().notes).isEmpty();
        for (var name : List.of("heads.side.weight", "heads.words.weight")) {
            assertThat(keptWithout.after().get(name))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(anew.after().get(name));
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
        assertThat(trained.outcome()).isEqualTo(Trainer.Outcome.STOPPED_EARLY);
    }

    private static TrainingConfig freezing(int steps, String more) {
        return config(
                steps, ", freezing: {layers: {gradual: 1-2}, unfreeze_every: 8 steps}" + more);
    }

    @Test
    void whatComesTooLateToDoAnythingIsSaid() {
        var recorder = new Recorder();
        train(freezing(12, ", warmup_steps: 13"), 2, recorder);
        assertThat(recorder.notes)
                .startsWith(
                        "training.warmup_steps is 13, training ends after 12 steps: the learning"
                                + " rates never reach their full height",
                        "training.freezing.unfreeze_every: training ends after 12 steps, before"
                                + " layer 1 would join")
                .contains("step 9: layer 2 joins");
        var inTime = new Recorder();
        train(freezing(17, ", warmup_steps: 17"), 2, inTime);
        assertThat(inTime.notes)
                .containsExactly(
                        "step 9: layer 2 joins", "step 17: layer 1 and the embeddings join");
    }

    @Test
    void settingsThatCannotDoAnythingAreRefused() {
        var group = TinyTraining.data(8, 5);
        var alone = List.of(new DataGroup("alone", List.of("side"), group.examples()));
        var validation = List.of(TinyTraining.data(8, 6));
        var none = List.<DataGroup>of();
        assertThatThrownBy(
                        () ->
                                UselessSettings.refuse(
                                        config(9, ", loss_balance: pcgrad"), alone, validation))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("training.loss_balance: pcgrad");
        UselessSettings.refuse(config(9, ", loss_balance: pcgrad"), List.of(group), validation);
        assertThatThrownBy(
                        () ->
                                UselessSettings.refuse(
                                        config(9, ", early_stopping_patience: 2"), alone, none))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("training.early_stopping_patience: no task has validation");
        assertThatThrownBy(
                        () ->
                                UselessSettings.refuse(
                                        config(9, ", best_metric: joint_accuracy"), alone, none))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("training.best_metric: no task has validation data");
        UselessSettings.refuse(config(9, ""), alone, none);
    }

    @Test
    void aMetricThatThereIsNotIsFoundBeforeTheFirstStep() {
        var recorder = new Recorder();
        assertThatThrownBy(() -> train(config(12, ", best_metric: side.acuracy"), 2, recorder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("training.best_metric")
                .hasMessageContaining("did you mean 'side.accuracy'?");
        assertThat(recorder.steps).isEmpty();
    }

    @Test
    void aLossThatIsNotFiniteStopsWithTaskAndExamples() {
        poison = true;
        assertThatThrownBy(() -> train(config(12, ""), 2, new Recorder()))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageMatching(
                        "step 1: the loss of '(side|words)' is NaN for the examples at example:\\d+"
                                + "[\\d, ]*;.*on_non_finite to skip");
    }

    @Test
    void stepsThatAreNotFiniteMayBeSkippedAndChangeNothing() {
        poison = true;
        var trained = train(config(3, ", on_non_finite: skip"), 2, new Recorder());
        checkChanges(trained, name -> false);
        assertThat(trained.heard().notes).hasSize(3);
        assertThat(trained.heard().notes.getLast())
                .startsWith("step 3: ")
                .endsWith("the step is skipped, the 3. so far");
    }

    @Test
    void thereIsNoMeanLossWhereNoStepCounted() {
        poison = true;
        var trained = train(config(3, ", on_non_finite: skip"), 2, new Recorder());
        assertThat(trained.heard().evaluations.getLast().trainLoss()).isNull();
    }

    @Test
    void skippingEndsWhereNoStepIsFiniteAnyMore() {
        poison = true;
        var recorder = new Recorder();
        assertThatThrownBy(
                        () ->
                                train(
                                        config(
                                                60,
                                                ", on_non_finite: skip, evaluate_every: 99 steps"),
                                        2,
                                        recorder))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageStartingWith("step 20: the loss of ")
                .hasMessageContaining("it is the 20th step in a row that");
        assertThat(recorder.steps).hasSize(19);
    }

    @Test
    void aGradientThatIsNotFiniteStopsWithTasksAndExamplesThoughTheLossIs() {
        poisonHead = true;
        assertThatThrownBy(() -> train(config(12, ""), 2, new Recorder()))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageMatching(
                        "step 1: the norm of the gradients of 'side', 'words' is (Infinity|NaN)"
                                + " for the examples at example:[\\d, ]+.*");
    }

    @Test
    void aGradientThatIsNotFiniteNamesItsTask() {
        try (var _ = TensorScope.open()) {
            var names = List.of("encoder.x", "heads.side.weight", "heads.words.weight");
            var gradients =
                    List.of(
                            Tensors.of(new float[] {Float.NaN, 1}, 2),
                            Tensors.of(new float[] {1, 2}, 2),
                            Tensors.of(new float[] {1, Float.POSITIVE_INFINITY}, 2));
            assertThat(NonFinite.tasks(names, new ArrayList<>(gradients))).containsExactly("words");
        }
    }

    @Test
    void theNormOfGradientsHasTheSameBitsWithAnyNumberOfThreads() {
        try (var _ = TensorScope.open()) {
            // large enough that LibTorch splits it
            var random = new java.util.SplittableRandom(1);
            var figures = new float[3_000_001];
            for (int i = 0; i < figures.length; i++) {
                figures[i] = (float) random.nextDouble(-1, 1);
            }
            var gradients = new ArrayList<@Nullable Tensor>();
            gradients.add(Tensors.of(figures, figures.length));
            double one = Threads.withThreads(1, () -> Optimizer.clip(gradients, 0));
            double two = Threads.withThreads(2, () -> Optimizer.clip(gradients, 0));
            double three = Threads.withThreads(3, () -> Optimizer.clip(gradients, 0));
            assertThat(two).isEqualTo(one);
            assertThat(three).isEqualTo(one);
        }
    }

    @Test
    void aFrozenBackboneStaysBitForBit() {
        var trained = train(config(12, ", freezing: {policy: backbone}"), 2, new Recorder());
        checkChanges(trained, name -> name.startsWith("heads."));
    }

    @Test
    void aFrozenHeadStaysBitForBit() {
        var trained = train(config(12, ", freezing: {heads: [words]}"), 2, new Recorder());
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
