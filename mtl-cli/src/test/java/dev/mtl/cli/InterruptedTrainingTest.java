package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.core.internal.files.AtomicDirectory;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Training in a process of its own that is killed, asked to end, or has no room to write. */
class InterruptedTrainingTest {
    private static final String TRAINING =
            "max_steps: 300, evaluate_every: 50 steps, checkpoint_every: 10 steps, seed: 5";

    @TempDir private Path folder;
    private Path config = Path.of("");
    private Path err = Path.of("");

    @BeforeEach
    void write() throws IOException {
        assumeTrue(Files.exists(Path.of("/bin/sh")), "signals are sent by a shell");
        config = ToyTask.write(folder, TRAINING, folder.resolve("unused"));
        err = folder.resolve("err");
    }

    private Process start(String before, String output, String... options) throws IOException {
        var shell = new ArrayList<>(List.of("/bin/sh", "-c", before + "exec \"$@\"", "sh"));
        shell.addAll(TrainingProcess.command(List.of(), config, folder.resolve(output), options));
        return new ProcessBuilder(shell)
                .redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Call train(String output, String... options) {
        var args = new ArrayList<>(List.of("train", config.toString(), "--output"));
        args.add(folder.resolve(output).toString());
        args.addAll(List.of(options));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    /** Waits until there is a checkpoint, and then a moment longer. */
    private void awaitCheckpoint(Process process, String output) throws Exception {
        var checkpoints = folder.resolve(output + ".run/checkpoints");
        while (process.isAlive() && !Files.isDirectory(checkpoints.resolve("step-00000010"))) {
            Thread.sleep(5);
        }
        Thread.sleep(ThreadLocalRandom.current().nextInt(150));
    }

    /** Has one step of all texts, which takes a while, and waits until it is going on. */
    private Process startLongStep(String output) throws Exception {
        config =
                ToyTask.write(
                        folder,
                        "max_steps: 2, gradient_accumulation_steps: 750, seed: 5",
                        folder.resolve("unused"));
        ToyTask.writeData(folder.resolve("train"), 1000);
        var process = start("", output);
        var metrics = folder.resolve(output + ".run/metrics.jsonl");
        while (process.isAlive() && !Files.exists(metrics)) {
            Thread.sleep(5);
        }
        Thread.sleep(200); // the records are there a moment before the first step begins
        assertThat(metrics).as("the first step is going on").isEmptyFile();
        return process;
    }

    private static void interrupt(Process process) throws Exception {
        new ProcessBuilder("/bin/sh", "-c", "kill -INT " + process.pid()).start().waitFor();
    }

    private void assertSameModel(String one, String other) throws IOException {
        for (var file : List.of("model.safetensors", "heads/slots/head.safetensors", "mtl.json")) {
            assertThat(Files.mismatch(folder.resolve(one, file), folder.resolve(other, file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    @Test
    void aKilledRunResumesBitForBit() throws Exception {
        assertThat(train("whole").code()).isZero();
        var process = start("", "killed");
        awaitCheckpoint(process, "killed");
        process.destroyForcibly().waitFor();
        assertThat(folder.resolve("killed.run/checkpoints")).isNotEmptyDirectory();

        var resumed = train("killed", "--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).containsPattern("resumed after step \\d+0\n");
        assertThat(resumed.err()).as("killed too late").doesNotContain("after step 300\n");
        assertSameModel("killed", "whole");
    }

    @Test
    void ctrlCFinishesTheStepSavesAndSaysHowToResume() throws Exception {
        assertThat(train("whole").code()).isZero();
        var process = start("", "stopped");
        awaitCheckpoint(process, "stopped");
        interrupt(process);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var said = Files.readString(err);
        assertThat(process.exitValue()).as(said).isEqualTo(130);
        assertThat(said)
                .contains(
                        "mtl: finishing the step, then saving a checkpoint (Ctrl-C again ends at"
                                + " once")
                .containsPattern("stopped after step \\d+; the checkpoint is in ")
                .contains("continue with: mtl train " + config + " --resume");

        assertThat(train("stopped", "--resume").code()).isZero();
        assertSameModel("stopped", "whole");
    }

    @Test
    void aFullDiskLeavesThePreviousCheckpointUsableAndNamesIt() throws Exception {
        assertThat(train("whole").code()).isZero();
        // no file may be larger than the weights, which AdamW's moments are
        long blocks = Files.size(folder.resolve("whole/model.safetensors")) * 3 / 2 / 512;
        var full = "ulimit -f " + blocks + "; ";
        var first = start(full, "full");
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var said = Files.readString(err);
        assertThat(first.exitValue()).as(said).isEqualTo(1);
        assertThat(said)
                .containsPattern("step-00000010: cannot be written: .*optimizer.safetensors")
                .contains("there is no checkpoint before it")
                .doesNotContain("\tat ");
        assertThat(folder.resolve("full.run/checkpoints")).isEmptyDirectory();

        var killed = start("", "full");
        awaitCheckpoint(killed, "full");
        killed.destroyForcibly().waitFor();
        var second = start(full, "full", "--resume");
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(err))
                .containsPattern(
                        "cannot be written: .*; the checkpoint before it is intact: once there is"
                                + " room, --resume continues from .*step-\\d+0\n");

        assertThat(train("full", "--resume").code()).isZero();
        assertSameModel("full", "whole");
    }

    @Test
    void ctrlCInTheFirstStepSavesACheckpoint() throws Exception {
        var process = startLongStep("early");
        interrupt(process);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        var said = Files.readString(err);
        assertThat(process.exitValue()).as(said).isEqualTo(130);
        assertThat(said).contains("finishing the step").contains("stopped after step 1; ");
        assertThat(folder.resolve("early.run/checkpoints/step-00000001")).isNotEmptyDirectory();
        assertThat(folder.resolve("early.run/report.html"))
                .content()
                .containsPattern("<b>Loss</b>: .*[0-9.]+ at step 1");
    }

    @Test
    void aSecondCtrlCEndsAtOnce() throws Exception {
        var process = startLongStep("twice");
        interrupt(process);
        while (process.isAlive() && !Files.readString(err).contains("finishing the step")) {
            Thread.sleep(5);
        }
        interrupt(process);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(Files.readString(err)).doesNotContain("stopped after");
        assertThat(folder.resolve("twice.run/checkpoints")).isEmptyDirectory();
    }

    /** Not only where it is the checkpoint itself that finds no room. */
    @Test
    void aFullDiskWhileSavingTheModelNamesTheCheckpoint() throws Exception {
        var twenty =
                new String[] {
                    "--set", "training.max_steps=20", "--set", "training.checkpoint_every=15 steps"
                };
        assertThat(train("model", twenty).code()).isZero();
        var checkpoints = folder.resolve("model.run/checkpoints");
        AtomicDirectory.delete(checkpoints.resolve("step-00000020"));
        AtomicDirectory.delete(folder.resolve("model"));
        var resume = new ArrayList<>(List.of(twenty));
        resume.add("--resume");
        var process = start("ulimit -f 16; ", "model", resume.toArray(String[]::new));
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var said = Files.readString(err);
        assertThat(process.exitValue()).as(said).isEqualTo(1);
        assertThat(said)
                .containsPattern(
                        "model: cannot be written: .*model.safetensors.*; once that is mended,"
                                + " continue from .*step-00000015 with --resume\n")
                .doesNotContain("\tat ");

        var resumed = train("model", resume.toArray(String[]::new));
        assertThat(resumed.code()).as(resumed.err()).isZero();
    }

    /** Whichever file of the records it is. */
    @Test
    void aFullDiskWhileWritingRecordsNamesTheCheckpoint() throws Exception {
        assertThat(train("model", "--set", "training.max_steps=20").code()).isZero();
        var run = folder.resolve("model.run");
        AtomicDirectory.delete(run.resolve("checkpoints/step-00000020"));
        Files.delete(run.resolve("report.html"));
        Files.createDirectories(run.resolve("report.html/in the way"));
        var resumed = train("model", "--resume", "--set", "training.max_steps=20");
        assertThat(resumed.code()).isEqualTo(1);
        assertThat(resumed.err())
                .containsPattern(
                        "report.html: cannot be written: .*; once that is mended, continue from"
                                + " .*step-00000010 with --resume\n");
    }

    @Test
    void aNewRunKeepsTheFilesOfTheOneBefore() {
        assertThat(train("model", "--set", "training.max_steps=10").code()).isZero();
        assertThat(train("model", "--overwrite", "--set", "training.max_steps=20").code()).isZero();
        assertThat(folder.resolve("model.run.previous/checkpoints"))
                .isDirectoryContaining("glob:**step-00000010");
        var other = train("model", "--resume", "--set", "training.seed=6");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err())
                .contains("then [seed: 5], now [seed: 6]. The optimizer's state, the schedule and")
                .contains("or train from the start without --resume");
    }

    @Test
    void aFinishedRunIsExtendedByMoreSteps() throws IOException {
        assertThat(train("model", "--set", "training.max_steps=20").code()).isZero();

        var extended = train("model", "--resume", "--set", "training.max_steps=40");

        assertThat(extended.code()).as(extended.err()).isZero();
        var said =
                "extended from 20 to 40 steps: from step 21 on, the learning rates are those of the"
                        + " linear schedule over 40 steps, beginning at 0.556 times their peaks";
        assertThat(extended.err()).contains("resumed after step 20\n", said);
        assertThat(folder.resolve("model.run/report.html")).content().contains(said);
        var metrics = Files.readString(folder.resolve("model.run/metrics.jsonl"));
        assertThat(metrics).contains("{\"step\":1,", "{\"step\":20,", "{\"step\":40,");

        var fewer = train("model", "--resume", "--set", "training.max_steps=30");
        assertThat(fewer.code()).isEqualTo(2);
        assertThat(fewer.err()).contains("cannot resume: 40 steps are done, but training.epochs");
        var gradual = "training.freezing={layers: {frozen: 1, gradual: 2}}";
        assertThat(train("g", "--set", "training.max_steps=10", "--set", gradual).code()).isZero();
        var other = train("g", "--resume", "--set", "training.max_steps=20", "--set", gradual);
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("unfreeze_every: even spreads the layers over all steps");
    }

    @Test
    void thePlanIsPrintedWithoutTraining() {
        var plan =
                train(
                        "planned",
                        "--plan",
                        "--format",
                        "json",
                        "--set",
                        "training.freezing={layers: {frozen: 1, gradual: 2}}");
        assertThat(plan.code()).as(plan.err()).isZero();
        var json = plan.json().getFirst();
        assertThat(json.path("steps").asInt()).isEqualTo(300);
        assertThat(json.at("/schedule/name").asText()).isEqualTo("linear");
        assertThat(json.at("/schedule/warmup_steps").asInt()).isEqualTo(30);
        assertThat(json.at("/unfreezing/0/layer").asInt()).isEqualTo(2);
        assertThat(json.at("/unfreezing/0/step").asInt()).isEqualTo(151);
        assertThat(json.path("groups"))
                .anySatisfy(
                        group -> {
                            assertThat(group.path("name").asText()).isEqualTo("layer 1");
                            assertThat(group.path("layers").get(0).asInt()).isEqualTo(1);
                            assertThat(group.path("trainable").asBoolean()).isFalse();
                        })
                .anySatisfy(
                        group -> {
                            assertThat(group.path("name").asText()).isEqualTo("head intent");
                            assertThat(group.path("learning_rate").asDouble()).isEqualTo(5e-3);
                            assertThat(group.path("trainable_from_step").asInt()).isEqualTo(1);
                            assertThat(group.path("parameters").asLong()).isPositive();
                        });
        assertThat(folder.resolve("planned")).doesNotExist();
        assertThat(folder.resolve("planned.run")).doesNotExist();
        var text = train("planned", "--plan");
        assertThat(text.out()).contains("300 steps, ").contains("head slots").contains("always");
    }
}
