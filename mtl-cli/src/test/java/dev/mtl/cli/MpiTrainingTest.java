package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Training in several processes that {@code mpirun} starts, of whichever MPI is installed. */
class MpiTrainingTest {
    private static final String TRAINING =
            "max_steps: 60, gradient_accumulation_steps: 6, evaluate_every: 20 steps,"
                    + " checkpoint_every: 10 steps, seed: 5";

    /** Of Open MPI: as root, with more processes than cores, which may move between them. */
    private static final Map<String, String> LAUNCHER =
            Map.of(
                    "OMPI_ALLOW_RUN_AS_ROOT", "1",
                    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1",
                    "OMPI_MCA_rmaps_base_oversubscribe", "1",
                    "OMPI_MCA_hwloc_base_binding_policy", "none",
                    "PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe");

    @TempDir private Path folder;
    private Path config = Path.of("");
    private Path said = Path.of("");
    private final List<Process> started = new ArrayList<>();
    private String timeLimit = "120";

    @BeforeEach
    void write() throws IOException {
        boolean installed =
                List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "mpirun")));
        assumeTrue(installed, "there is no mpirun");
        config = ToyTask.write(folder, TRAINING, folder.resolve("unused"));
        said = folder.resolve("said");
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private List<String> java(Path configuration, String output, String... options) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-XX:-UsePerfData",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.mtl.cli.Main",
                        "train",
                        configuration.toString(),
                        "--output",
                        folder.resolve(output).toString()));
        command.addAll(List.of(options));
        return command;
    }

    private Process mpirun(Map<String, String> environment, List<String> arguments)
            throws IOException {
        var command = new ArrayList<>(List.of("mpirun"));
        command.addAll(arguments);
        var builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().putAll(LAUNCHER);
        builder.environment().putAll(environment);
        var process = builder.start();
        started.add(process);
        return process;
    }

    private Process start(int processes, String output, String... options) throws IOException {
        var arguments = new ArrayList<>(List.of("-n", Integer.toString(processes)));
        arguments.addAll(java(config, output, options));
        return mpirun(Map.of("MTL_MPI_TIMEOUT", timeLimit), arguments);
    }

    /** Waits for the end, and returns what was said. */
    private String end(Process process) throws Exception {
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("ends").isTrue();
        return Files.readString(said);
    }

    private void trainAlone(String output) {
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "train",
                        config.toString(),
                        "--output",
                        folder.resolve(output).toString());
        assertThat(call.code()).as(call.err()).isZero();
    }

    private void assertSameModel(String one, String other) throws IOException {
        for (var file : List.of("model.safetensors", "heads/slots/head.safetensors", "mtl.json")) {
            assertThat(Files.mismatch(folder.resolve(one, file), folder.resolve(other, file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    /** Waits until there is a checkpoint, and returns the process with a rank. */
    private ProcessHandle awaitCheckpoint(Process launcher, String output, int rank)
            throws Exception {
        var first = folder.resolve(output + ".run/checkpoints/step-00000010");
        while (launcher.isAlive() && !Files.isDirectory(first)) {
            Thread.sleep(5);
        }
        return launcher.descendants()
                .filter(handle -> hasRank(handle, rank))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process " + rank));
    }

    private static boolean hasRank(ProcessHandle handle, int rank) {
        try {
            var environment =
                    Files.readString(Path.of("/proc/" + handle.pid() + "/environ")).split("\0");
            return List.of(environment).contains("OMPI_COMM_WORLD_RANK=" + rank)
                    || List.of(environment).contains("PMI_RANK=" + rank);
        } catch (IOException e) {
            return false;
        }
    }

    private static void signal(ProcessHandle handle, String signal) throws Exception {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + handle.pid())
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void severalProcessesWriteTheBytesOfOne(int processes) throws Exception {
        trainAlone("one");
        var launcher = start(processes, "several");
        var text = end(launcher);
        assertThat(launcher.exitValue()).as(text).isZero();
        assertSameModel("several", "one");
        assertThat(text.lines().filter(line -> line.startsWith("step 60, epoch")))
                .as("one process speaks for all")
                .hasSize(1);
    }

    @Test
    void aKilledProcessEndsAllAndTheRunGoesOnWithAnotherNumber() throws Exception {
        trainAlone("whole");
        var launcher = start(3, "killed");
        signal(awaitCheckpoint(launcher, "killed", 2), "KILL");
        var text = end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();

        var again = start(2, "killed", "--resume");
        assertThat(end(again)).containsPattern("resumed after step \\d+\n");
        assertThat(again.exitValue()).isZero();
        assertSameModel("killed", "whole");
    }

    @Test
    void aProcessThatDoesNotAnswerEndsAllWithACheckpointOfTheLastStep() throws Exception {
        trainAlone("whole");
        timeLimit = "15";
        var launcher = start(2, "stopped");
        signal(awaitCheckpoint(launcher, "stopped", 1), "STOP");
        var text = end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        assertThat(text).contains("process 0 (").contains("has waited 15 s for");

        var again = start(4, "stopped", "--resume");
        assertThat(end(again)).containsPattern("resumed after step \\d+\n");
        assertSameModel("stopped", "whole");
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
        arguments.addAll(java(config, "mixed"));
        arguments.addAll(List.of(":", "-n", "1"));
        arguments.addAll(java(otherConfig, "mixed"));
        var launcher = mpirun(Map.of("MTL_MPI_TIMEOUT", "20"), arguments);
        var text = end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        assertThat(text).containsPattern("process 1 \\(.+\\) has another configuration than");
    }

    @Test
    void aMistakeOfOneProcessIsSaidByTheFirst() throws Exception {
        var arguments = new ArrayList<>(List.of("-n", "1"));
        arguments.addAll(java(config, "mistaken"));
        arguments.addAll(List.of(":", "-n", "1"));
        arguments.addAll(java(folder.resolve("absent.yaml"), "mistaken"));
        var launcher = mpirun(Map.of("MTL_MPI_TIMEOUT", "60"), arguments);
        var text = end(launcher);
        assertThat(launcher.exitValue()).as(text).isNotZero();
        assertThat(text).containsPattern("mtl: process 1 \\(.+\\) failed: .*absent\\.yaml");
    }
}
