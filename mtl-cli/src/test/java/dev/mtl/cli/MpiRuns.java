package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Trainings in a folder, alone or in processes that {@code mpirun} starts. */
final class MpiRuns implements AutoCloseable {
    /** Of Open MPI: as root, with more processes than cores, which may move between them. */
    private static final Map<String, String> LAUNCHER =
            Map.of(
                    "OMPI_ALLOW_RUN_AS_ROOT", "1",
                    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1",
                    "OMPI_MCA_rmaps_base_oversubscribe", "1",
                    "OMPI_MCA_hwloc_base_binding_policy", "none",
                    "OMPI_MCA_odls_base_sigkill_timeout", "5",
                    "PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe");

    private final Path folder;
    private final Path said;
    private final List<Process> started = new ArrayList<>();
    private Path config = Path.of("");

    /** Seconds after which a process that does not answer counts as dead. */
    String timeLimit = "120";

    /** Runs the launcher. */
    List<String> launcher = List.of("mpirun");

    MpiRuns(Path folder) {
        this.folder = folder;
        said = folder.resolve("said");
    }

    /** Skips a test where a program is not installed. */
    static void assumeInstalled(String program) {
        boolean installed =
                List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                        .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
        assumeTrue(installed, "there is no " + program);
    }

    /** Writes the configuration of a toy task. */
    Path configure(String training) throws IOException {
        config = ToyTask.write(folder, training, folder.resolve("unused"));
        return config;
    }

    List<String> java(Path configuration, String output, String... options) {
        return TrainingProcess.command(
                List.of("-XX:TieredStopAtLevel=1"), configuration, folder.resolve(output), options);
    }

    Process mpirun(Map<String, String> environment, List<String> arguments) throws IOException {
        var command = new ArrayList<>(launcher);
        command.addAll(arguments);
        var builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().putAll(LAUNCHER);
        builder.environment().putAll(environment);
        var process = builder.start();
        started.add(process);
        return process;
    }

    Process start(int processes, String output, String... options) throws IOException {
        var arguments = new ArrayList<>(List.of("-n", Integer.toString(processes)));
        arguments.addAll(java(config, output, options));
        return mpirun(Map.of("MTL_MPI_TIMEOUT", timeLimit), arguments);
    }

    /** Waits for the end, and returns what was said. */
    String end(Process process) throws Exception {
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("ends").isTrue();
        return said();
    }

    /** What was said so far. */
    String said() throws IOException {
        return Files.exists(said) ? Files.readString(said) : "";
    }

    void trainAlone(String output) {
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "train",
                        config.toString(),
                        "--output",
                        folder.resolve(output).toString());
        assertThat(call.code()).as(call.err()).isZero();
    }

    void assertSameModel(String one, String other) throws IOException {
        for (var file : List.of("model.safetensors", "heads/slots/head.safetensors", "mtl.json")) {
            assertThat(Files.mismatch(folder.resolve(one, file), folder.resolve(other, file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    /** Losses and scores; times differ. */
    void assertSameMetrics(String one, String other) throws IOException {
        assertThat(metrics(one)).isEqualTo(metrics(other)).isNotEmpty();
    }

    private List<String> metrics(String output) throws IOException {
        return Files.readAllLines(folder.resolve(output + ".run/metrics.jsonl")).stream()
                .map(line -> line.replaceAll("\"seconds\":[^,}]+", ""))
                .toList();
    }

    /** Waits until there is a checkpoint. */
    void awaitCheckpoint(Process launcher, String output) throws InterruptedException {
        var first = folder.resolve(output + ".run/checkpoints/step-00000010");
        while (launcher.isAlive() && !Files.isDirectory(first)) {
            Thread.sleep(5);
        }
    }

    /** Waits until there is a checkpoint, and returns the process with a rank. */
    ProcessHandle awaitCheckpoint(Process launcher, String output, int rank)
            throws InterruptedException {
        awaitCheckpoint(launcher, output);
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

    static void signal(ProcessHandle handle, String signal) throws Exception {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + handle.pid())
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
    }
}
