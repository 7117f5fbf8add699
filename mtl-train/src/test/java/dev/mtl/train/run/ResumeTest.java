package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.torch.Device;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.run.ResumableRun.Ran;
import dev.mtl.train.run.ResumableRun.Run;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

@ExtendWith(LeavesNoTensorBehind.class)
class ResumeTest {
    private static final String COMMON =
            "max_steps: 40, batch_size: 4, gradient_accumulation_steps: 2, base_lr: 3.0e-3,"
                    + " evaluate_every: 6 steps, checkpoint_every: 5 steps";

    private final Path folder;
    private final ResumableRun runs;

    ResumeTest(@TempDir Path folder) {
        this.folder = folder;
        runs = new ResumableRun(folder, COMMON, 50, 40);
    }

    private Ran run(String more, String place, int workers, boolean resume, int until) {
        return runs.train(new Run(more, place, workers, resume, until));
    }

    static List<String> settings() {
        return List.of(
                "",
                ", loss_balance: uncertainty",
                ", loss_balance: dwa",
                ", loss_balance: pcgrad",
                ", loss_balance: gradnorm",
                ", loss_balance: famo",
                ", freezing: {policy: backbone}",
                ", freezing: {layers: {frozen: 1, gradual: 2}}",
                ", gradient_checkpointing: true",
                ", gradient_cache: 2, weight_average: 0.9",
                ", r_drop: 0.7, gradient_checkpointing: true",
                ", r_drop: 0.7, loss_balance: famo, average_checkpoints: 3",
                ", precision: bf16",
                ", adapter: {type: lora, rank: 4, dropout: 0.1}",
                ", adapter: {type: lora, rank: 4, per_task: true}");
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aRunThatWasStoppedGoesOnBitForBit(String more) {
        var whole = run(more, "whole", 2, false, 99);
        var first = run(more, "parts", 2, false, 17);
        assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
        var second = run(more, "parts", 1, true, 99);
        assertThat(second.outcome()).isEqualTo(Outcome.FINISHED);
        second.requireWeightsOf(whole);
        var heard = new ArrayList<>(first.heard());
        heard.addAll(second.heard());
        whole.requireHeard(heard);
    }

    @ParameterizedTest
    @MethodSource("settings")
    @EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
    void aRunThatWasStoppedOnCudaGoesOnBitForBit(String more) {
        runs.device = Device.cuda(0);
        aRunThatWasStoppedGoesOnBitForBit(more);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ", sampling: temperature, loss_balance: dwa",
                ", sampling: all, loss_balance: gradnorm"
            })
    void resumesTheOrderOfSeveralDatasets(String more) {
        runs.data =
                List.of(
                        TinyTraining.only(TinyTraining.data(30, 5), "side"),
                        TinyTraining.only(TinyTraining.data(20, 7), "words"));
        var whole = run(more, "whole", 2, false, 99);
        run(more, "parts", 2, false, 17);
        run(more, "parts", 2, true, 99).requireWeightsOf(whole);
    }

    private static RunIdentity identity(String printed) {
        return RunIdentity.of(printed, List.of(), List.of());
    }

    @Test
    void whatTheMessageOfAnErrorAdvisesMayChange() {
        var printed = "training:\n  on_non_finite: %s\n  early_stopping_patience: %s\n  seed: %d";
        var before = identity(printed.formatted("stop", "null", 1));
        assertThat(identity(printed.formatted("skip", "3", 1))).isEqualTo(before);
        assertThat(identity(printed.formatted("skip", "3", 2))).isNotEqualTo(before);
    }

    @Test
    void aCheckpointThatDoesNotKnowItsValidationDataIsResumed() throws IOException {
        var whole = run("", "whole", 2, false, 99);
        run("", "place", 2, false, 12);
        var last = folder.resolve("place/step-00000012");
        var state = last.resolve("state.json");
        rewrite(state, ",\"validation\":\"[0-9a-f]+\"", "");
        run("", "place", 2, true, 99).requireWeightsOf(whole);
    }

    /** Changes a checkpoint's state, as another version would have written it. */
    private static void rewrite(Path state, String what, String by) throws IOException {
        var text = Files.readString(state);
        var other = text.replaceFirst(what, by);
        assertThat(other).isNotEqualTo(text);
        Files.writeString(state, other);
        var sums = state.resolveSibling("checksums.json");
        Files.writeString(sums, Files.readString(sums).replace(sum(text), sum(other)));
    }

    @Test
    void aCheckpointOfAnotherFormatIsRefused() throws IOException {
        run("", "place", 2, false, 12);
        rewrite(folder.resolve("place/step-00000012/state.json"), "\"format\":1", "\"format\":9");
        assertThatThrownBy(() -> run("", "place", 2, true, 99))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("step-00000012 has format 9, this version of MTL reads 1");
    }

    @Test
    void whatAKilledRunHadNotYetWrittenIsDeleted() throws IOException {
        run("", "place", 2, false, 12);
        var half = Files.createDirectories(folder.resolve("place/step-00000015.writing"));
        Files.writeString(half.resolve("model.safetensors"), "half");
        run("", "place", 2, true, 14);
        assertThat(half).doesNotExist();
    }

    private static String sum(String text) {
        var crc = new java.util.zip.CRC32C();
        crc.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }

    @Test
    void theLastCheckpointsStay() {
        run("", "place", 2, false, 99);
        assertThat(folder.resolve("place"))
                .isDirectoryContaining("glob:**step-00000035")
                .isDirectoryContaining("glob:**step-00000040");
        assertThat(folder.resolve("place").toFile().list()).hasSize(2);
    }

    @Test
    void aRunThatIsDoneTrainsNoMore() {
        var whole = run("", "place", 2, false, 99);
        var again = run("", "place", 2, true, 99);
        assertThat(again.heard()).isEmpty();
        again.requireWeightsOf(whole);
    }

    @Test
    void aDamagedCheckpointIsNamedWithTheOneBeforeIt() throws IOException {
        var whole = run("", "whole", 2, false, 99);
        run("", "place", 2, false, 12);
        var last = folder.resolve("place/step-00000012");
        for (var file : List.of("model.safetensors", "optimizer.safetensors", "state.json")) {
            var path = last.resolve(file);
            var bytes = Files.readAllBytes(path);
            var damaged = bytes.clone();
            damaged[damaged.length / 2] ^= 1;
            Files.write(path, damaged);
            assertThatThrownBy(() -> run("", "place", 2, true, 99))
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining(last + " is damaged: " + file)
                    .hasMessageContaining(
                            "continues from " + folder.resolve("place/step-00000010"));
            Files.write(path, bytes);
        }
        Files.delete(last.resolve("checksums.json"));
        assertThatThrownBy(() -> run("", "place", 2, true, 99))
                .hasMessageContaining("checksums.json");
        dev.mtl.core.internal.files.AtomicDirectory.delete(last);
        run("", "place", 2, true, 99).requireWeightsOf(whole);
    }

    @Test
    void anotherConfigurationOrOtherDataIsAnError() {
        run("", "place", 2, false, 12);
        assertThatThrownBy(() -> run(", seed: 43", "place", 2, true, 99))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("another configuration");
        runs.validation = List.of(TinyTraining.data(41, 6));
        assertThatThrownBy(() -> run("", "place", 2, true, 99))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the validation data has changed");
        runs.data = List.of(TinyTraining.data(51, 5));
        assertThatThrownBy(() -> run("", "place", 2, true, 99))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the training data has changed");
        assertThatThrownBy(() -> run("", "elsewhere", 2, true, 99))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("there is no checkpoint in");
    }
}
