package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Training in several processes that {@code mpirun} starts, of whichever MPI is installed. */
class MpiTrainingTest {
    private static final String TRAINING =
            "max_steps: 60, gradient_accumulation_steps: 6, evaluate_every: 20 steps,"
                    + " checkpoint_every: 10 steps, seed: 5";

    private final Path folder;
    private final MpiRuns runs;
    private Path config = Path.of("");

    MpiTrainingTest(@TempDir Path folder) {
        this.folder = folder;
        runs = new MpiRuns(folder);
    }

    @BeforeEach
    void write() throws IOException {
        MpiRuns.assumeInstalled("mpirun");
        config = runs.configure(TRAINING);
    }

    @AfterEach
    void end() {
        runs.close();
    }

    @Test
    void gradientsSentInBfloat16AreLearnedFrom() throws Exception {
        var launcher =
                runs.start(
                        3,
                        "half",
                        "--set",
                        "training.deterministic=false",
                        "--set",
                        "training.exchange_precision=bf16");
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isZero();
        assertThat(text).contains("step 60, epoch");
    }

    @ParameterizedTest
    @CsvSource({"2, false", "4, false", "3, true"})
    void severalProcessesWriteTheBytesOfOne(int processes, boolean sharded) throws Exception {
        runs.trainAlone("one");
        var launcher =
                runs.start(processes, "several", "--set", "training.shard_optimizer=" + sharded);
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isZero();
        runs.assertSameModel("several", "one");
        runs.assertSameMetrics("several", "one");
        assertThat(text.lines().filter(line -> line.startsWith("step 60, epoch")))
                .as("one process speaks for all")
                .hasSize(1);
    }

    @Test
    void aKilledProcessEndsAllAndTheRunGoesOnWithAnotherNumber() throws Exception {
        runs.trainAlone("whole");
        var launcher = runs.start(3, "killed");
        MpiRuns.signal(runs.awaitCheckpoint(launcher, "killed", 2), "KILL");
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();

        var again = runs.start(2, "killed", "--resume");
        assertThat(runs.end(again)).containsPattern("resumed after step \\d+\n");
        assertThat(again.exitValue()).isZero();
        runs.assertSameModel("killed", "whole");
    }

    /**
     * As users end it: by Ctrl-C, by a scheduler, and by the signal that launchers pass on. Open
     * MPI passes the first two on after {@code odls_base_sigkill_timeout}, so this training has no
     * end.
     */
    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "USR1"})
    void aSignalToTheLauncherEndsAllWithACheckpoint(String signal) throws Exception {
        config = runs.configure(TRAINING.replace("max_steps: 60", "max_steps: 1000000"));
        var launcher = runs.start(2, "ended");
        runs.awaitCheckpoint(launcher, "ended");
        MpiRuns.signal(launcher.toHandle(), signal);
        var step = stepOfCheckpoint(launcher);
        assertThat(folder.resolve("ended.run/checkpoints/step-%08d".formatted(step)))
                .isNotEmptyDirectory();
        if (signal.equals("USR1")) {
            assertThat(launcher.exitValue()).isEqualTo(138);
        }
    }

    @Test
    void aSignalToOneProcessEndsAllWithACheckpointThatAnyNumberContinues() throws Exception {
        config = runs.configure(TRAINING.replace("max_steps: 60", "max_steps: 150"));
        runs.trainAlone("whole");
        var launcher = runs.start(3, "ended");
        MpiRuns.signal(runs.awaitCheckpoint(launcher, "ended", 2), "TERM");
        var step = stepOfCheckpoint(launcher);
        assertThat(launcher.exitValue()).isEqualTo(143);
        var again = runs.start(2, "ended", "--resume");
        assertThat(runs.end(again)).contains("resumed after step " + step + "\n");
        assertThat(again.exitValue()).isZero();
        runs.assertSameModel("ended", "whole");
    }

    /** Waits for the end of a training that was stopped. */
    private int stepOfCheckpoint(Process launcher) throws Exception {
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        var stopped =
                Pattern.compile("stopped after step (\\d+); the checkpoint is in ").matcher(text);
        assertThat(stopped.find()).as(text).isTrue();
        return Integer.parseInt(stopped.group(1));
    }

    @Test
    void aProcessThatDoesNotAnswerEndsAllWithACheckpointOfTheLastStep() throws Exception {
        runs.trainAlone("whole");
        runs.timeLimit = "15";
        var launcher = runs.start(2, "stopped");
        MpiRuns.signal(runs.awaitCheckpoint(launcher, "stopped", 1), "STOP");
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        assertThat(text).contains("process 0 (").contains("has waited 15 s for");

        var again = runs.start(4, "stopped", "--resume");
        assertThat(runs.end(again)).containsPattern("resumed after step \\d+\n");
        runs.assertSameModel("stopped", "whole");
    }

    @Test
    void aProcessWithOtherDataIsNamed() throws Exception {
        var other = Files.createDirectory(folder.resolve("other"));
        var otherConfig = ToyTask.write(other, TRAINING, folder.resolve("unused"));
        ToyTask.writeData(other.resolve("train"), 13);
        Files.writeString(
                otherConfig,
                Files.readString(otherConfig)
                        .replace(other.resolve("backbone").toString(), folder + "/backbone"));
        var arguments = new ArrayList<>(List.of("-n", "1"));
        arguments.addAll(runs.java(config, "mixed"));
        arguments.addAll(List.of(":", "-n", "1"));
        arguments.addAll(runs.java(otherConfig, "mixed"));
        var launcher = runs.mpirun(Map.of("MTL_MPI_TIMEOUT", "20"), arguments);
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        assertThat(text).containsPattern("process 1 \\(.+\\) has another configuration than");
    }

    @Test
    void aMistakeOfOneProcessIsSaidByTheFirst() throws Exception {
        var arguments = new ArrayList<>(List.of("-n", "1"));
        arguments.addAll(runs.java(config, "mistaken"));
        arguments.addAll(List.of(":", "-n", "1"));
        arguments.addAll(runs.java(folder.resolve("absent.yaml"), "mistaken"));
        var launcher = runs.mpirun(Map.of("MTL_MPI_TIMEOUT", "60"), arguments);
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        assertThat(text).containsPattern("mtl: process 1 \\(.+\\) failed: .*absent\\.yaml");
    }
}
