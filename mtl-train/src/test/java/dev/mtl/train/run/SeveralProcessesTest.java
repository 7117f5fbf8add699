package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.testing.ThreadProcesses;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Threads stand for processes; those of MPI are in integrations/mpi. */
@Timeout(120)
@ExtendWith(LeavesNoTensorBehind.class)
class SeveralProcessesTest {
    private static final String COMMON =
            "max_steps: 12, base_lr: 3.0e-3, evaluate_every: 5 steps, checkpoint_every: 4 steps";

    @TempDir private Path folder;
    private ModelDirectory backbone = new ModelDirectory("none", Path.of("."), Path.of("."));
    private final List<Dataset> data = List.of(TinyTraining.data(60, 5));
    private final List<Dataset> validation = List.of(TinyTraining.data(20, 6));

    @BeforeEach
    void writeBackbone() {
        backbone = TinyModel.write(folder.resolve("backbone"), 1, 0.1);
    }

    /** What a process has at the end. */
    private record Ran(
            Map<String, float[]> weights, List<Double> losses, int saves, Outcome outcome) {}

    private interface During {
        void step(int number);
    }

    private Ran run(
            Collective processes, String more, String place, boolean resume, int until, During d) {
        var batches =
                more.contains("batch_size")
                        ? ""
                        : ", batch_size: 3, gradient_accumulation_steps: 7";
        var config = TestConfigs.training("{" + COMMON + batches + more + "}");
        var losses = new ArrayList<Double>();
        var saves = new ArrayList<Integer>();
        // as many workers as a process has, so that blocks differ in size
        try (var model = TinyTraining.model(backbone, 0.1);
                var workers = new Workers("test", 1 + processes.rank() % 2);
                var trainer =
                        new Trainer(
                                model,
                                List.of(),
                                config,
                                TinyTraining.encode(model, data),
                                TinyTraining.encode(model, validation),
                                workers,
                                processes,
                                new TrainingListener() {
                                    @Override
                                    public void onStep(Step step) {
                                        losses.add(step.loss());
                                        losses.add(step.gradientNorm());
                                        d.step(step.step());
                                    }
                                },
                                _ -> saves.add(1))) {
            var checkpoints =
                    new Checkpoints(
                            folder.resolve(place), RunIdentity.of(more, data, validation), 2);
            if (processes.rank() == 0) {
                trainer.checkpointTo(checkpoints);
                if (resume) {
                    trainer.resume(checkpoints);
                }
            }
            trainer.replicate(processes);
            trainer.stopWhen(() -> processes.rank() == 0 && trainer.state().step() >= until);
            var outcome = trainer.train();
            return new Ran(weights(model), losses, saves.size(), outcome);
        }
    }

    private static Map<String, float[]> weights(MultiTaskModel model) {
        var weights = new LinkedHashMap<String, float[]>();
        for (var name : model.parameters().names()) {
            weights.put(name, model.parameters().get(name).toFloats());
        }
        return weights;
    }

    private List<Ran> runs(int processes, String more, String place, boolean resume, int until) {
        return ThreadProcesses.run(
                processes, group -> run(group, more, place, resume, until, step -> {}));
    }

    private static void assertSame(Ran actual, Ran expected) {
        expected.weights()
                .forEach(
                        (name, values) ->
                                assertThat(actual.weights().get(name))
                                        .as(name)
                                        .containsExactly(values));
    }

    static List<String> settings() {
        return List.of(
                "",
                ", loss_balance: uncertainty",
                ", loss_balance: pcgrad",
                ", loss_balance: famo",
                ", freezing: {policy: backbone}",
                ", freezing: {layers: {frozen: 1, gradual: 2}}",
                ", gradient_checkpointing: true");
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anyNumberOfProcessesGivesTheBitsOfOne(String more) {
        var one = runs(1, more, "one", false, 99).getFirst();
        for (int count : new int[] {2, 4}) {
            var several = runs(count, more, "several" + count, false, 99);
            several.forEach(ran -> assertSame(ran, one));
            assertThat(several.getFirst().losses()).isEqualTo(one.losses());
            assertThat(several.getFirst().saves()).isEqualTo(one.saves());
            assertThat(several.getLast().saves()).isZero();
        }
    }

    @Test
    void moreProcessesThanMicroBatchesGiveTheSameBits() {
        var few = ", batch_size: 8, gradient_accumulation_steps: 1";
        assertSame(
                runs(7, few, "seven", false, 99).getLast(), runs(1, few, "one", false, 99).get(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aRunGoesOnWithAnotherNumberOfProcesses(int processes) {
        var whole = runs(1, ", loss_balance: uncertainty", "whole", false, 99).getFirst();
        var first = runs(2, ", loss_balance: uncertainty", "parts", false, 7);
        assertThat(first).extracting(Ran::outcome).containsOnly(Outcome.INTERRUPTED);
        var second = runs(processes, ", loss_balance: uncertainty", "parts", true, 99);
        second.forEach(ran -> assertSame(ran, whole));
    }

    @Test
    void withoutAFixedOrderAllProcessesStillHaveTheSameWeights() {
        var more = ", deterministic: false";
        var several = runs(3, more, "several", false, 99);
        several.forEach(ran -> assertSame(ran, several.getFirst()));
        var one = runs(1, more, "one", false, 99).getFirst();
        assertThat(several.getFirst().losses().getFirst())
                .isCloseTo(one.losses().getFirst(), org.assertj.core.data.Offset.offset(1e-5));
    }

    @Test
    void aFailureEndsAllWithItsReasonAndACheckpointOfTheLastStep() {
        assertThatThrownBy(
                        () ->
                                ThreadProcesses.run(
                                        3,
                                        group ->
                                                run(
                                                        group,
                                                        "",
                                                        "failed",
                                                        false,
                                                        99,
                                                        number -> {
                                                            if (group.rank() == 2 && number == 6) {
                                                                throw new IllegalStateException(
                                                                        "no more memory");
                                                            }
                                                        })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no more memory");
        var whole = runs(1, "", "whole", false, 99).getFirst();
        assertThat(folder.resolve("failed/step-00000006")).isDirectory();
        assertSame(runs(2, "", "failed", true, 99).getLast(), whole);
    }

    @Test
    void theOthersHearWhoFailedAndWhy() {
        var heard = new ArrayList<String>();
        assertThatThrownBy(
                        () ->
                                ThreadProcesses.run(
                                        2,
                                        group -> {
                                            try {
                                                return run(
                                                        group,
                                                        "",
                                                        "f",
                                                        false,
                                                        99,
                                                        number -> {
                                                            if (group.rank() == 1) {
                                                                throw new IllegalStateException(
                                                                        "a bad row");
                                                            }
                                                        });
                                            } catch (CollectiveException e) {
                                                heard.add(Objects.requireNonNull(e.getMessage()));
                                                throw e;
                                            }
                                        }))
                .hasMessage("a bad row");
        assertThat(heard)
                .containsExactly("process 1 failed: java.lang.IllegalStateException: a bad row");
    }
}
