package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.run.ResumableRun.Ran;
import dev.mtl.train.run.ResumableRun.Run;
import dev.mtl.train.testing.ThreadProcesses;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;

/** Threads stand for processes; those of MPI are in integrations/mpi. */
@Timeout(120)
@ExtendWith(LeavesNoTensorBehind.class)
class SeveralProcessesTest {
    private static final String COMMON =
            "max_steps: 12, base_lr: 3.0e-3, evaluate_every: 5 steps, checkpoint_every: 4 steps";

    private static final String SMALL_BATCHES = ", batch_size: 3, gradient_accumulation_steps: 7";

    private final Path folder;
    private final ResumableRun runs;

    SeveralProcessesTest(@TempDir Path folder) {
        this.folder = folder;
        runs = new ResumableRun(folder, COMMON, 60, 20);
    }

    /** As many workers as a process has, so that blocks differ in size. */
    private Ran run(
            Collective processes, String more, String place, boolean resume, IntConsumer during) {
        return run(processes, more, place, resume, 99, during);
    }

    private Ran run(
            Collective processes,
            String more,
            String place,
            boolean resume,
            int until,
            IntConsumer during) {
        var batches = more.contains("batch_size") ? more : SMALL_BATCHES + more;
        int workers = 1 + processes.rank() % 2;
        return runs.train(processes, new Run(batches, place, workers, resume, until), during);
    }

    private List<Ran> runs(int processes, String more, String place, boolean resume, int until) {
        return ThreadProcesses.run(
                processes, group -> run(group, more, place, resume, until, step -> {}));
    }

    static List<String> settings() {
        return List.of(
                "",
                ", loss_balance: uncertainty",
                ", loss_balance: pcgrad",
                ", loss_balance: famo",
                ", freezing: {policy: backbone}",
                ", freezing: {layers: {frozen: 1, gradual: 2}}",
                ", gradient_checkpointing: true",
                ", shard_optimizer: true",
                ", shard_optimizer: true, freezing: {layers: {frozen: 1, gradual: 2}}",
                ", shard_optimizer: true, weight_average: 0.9, loss_balance: pcgrad",
                ", r_drop: 0.7, average_checkpoints: 2");
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anyNumberOfProcessesGivesTheBitsOfOne(String more) {
        var one = runs(1, more, "one", false, 99).getFirst();
        for (int count : new int[] {2, 4}) {
            var several = runs(count, more, "several" + count, false, 99);
            several.forEach(ran -> ran.requireWeightsOf(one));
            several.getFirst().requireHeard(one.heard());
            assertThat(several.getFirst().saves()).isEqualTo(one.saves());
            assertThat(several.getLast().saves()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", loss_balance: nash_mtl"})
    void stepsOfAllDataSetsHaveTheBitsOfOneProcess(String more) {
        runs.data = TinyTraining.apart(TinyTraining.data(60, 5));
        anyNumberOfProcessesGivesTheBitsOfOne(more + ", sampling: all");
    }

    @Test
    void moreProcessesThanMicroBatchesGiveTheSameBits() {
        var few = ", batch_size: 8, gradient_accumulation_steps: 1";
        runs(7, few, "seven", false, 99)
                .getLast()
                .requireWeightsOf(runs(1, few, "one", false, 99).getFirst());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aRunGoesOnWithAnotherNumberOfProcesses(int processes) {
        var whole = runs(1, ", loss_balance: uncertainty", "whole", false, 99).getFirst();
        var first = runs(2, ", loss_balance: uncertainty", "parts", false, 7);
        assertThat(first).extracting(Ran::outcome).containsOnly(Outcome.INTERRUPTED);
        var second = runs(processes, ", loss_balance: uncertainty", "parts", true, 99);
        second.forEach(ran -> ran.requireWeightsOf(whole));
    }

    @Test
    void withoutAFixedOrderAllProcessesStillHaveTheSameWeights() {
        var more = ", deterministic: false";
        var several = runs(3, more, "several", false, 99);
        several.forEach(ran -> ran.requireWeightsOf(several.getFirst()));
        var one = runs(1, more, "one", false, 99).getFirst();
        assertThat(firstStep(several.getFirst()).loss())
                .isCloseTo(firstStep(one).loss(), within(1e-5));
    }

    @Test
    void onlyTheRowsOfWordsThatTheTextsOfAStepReadTravel() {
        var bytes = ConcurrentHashMap.<Integer>newKeySet();
        var several =
                ThreadProcesses.run(
                        2, group -> run(counting(group, bytes), "", "two", false, 99, step -> {}));

        var weights = several.getFirst().weights();
        long all = weights.values().stream().mapToLong(values -> values.length).sum();
        long words =
                Objects.requireNonNull(weights.get("embeddings.word_embeddings.weight")).length;
        assertThat(bytes).isNotEmpty().allMatch(sent -> sent < (all - words / 2) * Float.BYTES);
    }

    /** The same processes, with the sizes of what they sum noted. */
    private static Collective counting(Collective processes, Set<Integer> bytes) {
        return (Collective)
                Proxy.newProxyInstance(
                        Collective.class.getClassLoader(),
                        new Class<?>[] {Collective.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("sumInOrder")) {
                                bytes.add(
                                        ((List<?>) arguments[0])
                                                .stream()
                                                        .mapToInt(b -> ((ByteBuffer) b).capacity())
                                                        .sum());
                            }
                            return method.invoke(processes, arguments);
                        });
    }

    private static TrainingListener.Step firstStep(Ran ran) {
        return (TrainingListener.Step) ran.heard().getFirst();
    }

    @Test
    void gradientsSentInBfloat16AreThoseOfOneProcessButForTheirRounding() {
        var free = ", deterministic: false";
        var one = runs(1, free, "one", false, 99).getFirst();
        var several = runs(3, free + ", exchange_precision: bf16", "several", false, 99);
        several.forEach(ran -> ran.requireWeightsOf(several.getFirst()));
        double norm = firstStep(one).gradientNorm();
        assertThat(firstStep(several.getFirst()).gradientNorm())
                .isNotEqualTo(norm)
                .isCloseTo(norm, within(norm / 256));
    }

    @Test
    void anOptimizerThatIsDividedGoesOnWithAnotherNumberOfProcesses() {
        var whole = runs(1, "", "whole", false, 99).getFirst();
        var divided = ", shard_optimizer: true";
        for (int before : new int[] {1, 3}) {
            for (int after : new int[] {1, 2, 4}) {
                var place = "from" + before + "to" + after;
                runs(before, divided, place, false, 7);
                runs(after, divided, place, true, 99).getLast().requireWeightsOf(whole);
            }
        }
    }

    @Test
    void aProcessThatTakesAPartOfTheMomentsWithItLeavesTheLastCheckpointThatWasDue() {
        var divided = ", shard_optimizer: true";
        assertThatThrownBy(
                        () ->
                                ThreadProcesses.run(
                                        2,
                                        group ->
                                                run(
                                                        group,
                                                        divided,
                                                        "failed",
                                                        false,
                                                        failing(group.rank() == 1, 6))))
                .hasMessage("no more memory");
        assertThat(folder.resolve("failed/step-00000004")).isDirectory();
        assertThat(folder.resolve("failed/step-00000006")).doesNotExist();
        var whole = runs(1, divided, "whole", false, 99).getFirst();
        runs(2, divided, "failed", true, 99).getLast().requireWeightsOf(whole);
    }

    private static IntConsumer failing(boolean fails, int step) {
        return number -> {
            if (fails && number == step) {
                throw new IllegalStateException("no more memory");
            }
        };
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
                                                        failing(group.rank() == 2, 6))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no more memory");
        var whole = runs(1, "", "whole", false, 99).getFirst();
        assertThat(folder.resolve("failed/step-00000006")).isDirectory();
        runs(2, "", "failed", true, 99).getLast().requireWeightsOf(whole);
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
