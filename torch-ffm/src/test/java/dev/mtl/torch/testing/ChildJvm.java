package dev.mtl.torch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM with the class path of this one, for what may end a process. */
public final class ChildJvm {
    private final Path folder;
    private final List<String> before = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private Duration limit = Duration.ofMinutes(2);

    /**
     * A JVM that has not started.
     *
     * @param folder where it runs, and leaves its output and what a crash writes
     */
    public ChildJvm(Path folder) {
        this.folder = folder;
    }

    /**
     * What ended.
     *
     * @param exitCode -1 if it was killed because it ran longer than its limit
     */
    public record Run(int exitCode, String out, String err) {
        /** For the messages of assertions. */
        @Override
        public String toString() {
            return "exit code %d%n%s%n%s".formatted(exitCode, out, err);
        }
    }

    /** Options of the JVM. */
    public ChildJvm options(String... more) {
        options.addAll(Arrays.asList(more));
        return this;
    }

    /** A command that the JVM's is appended to, such as {@code valgrind}. */
    public ChildJvm under(String... command) {
        before.addAll(Arrays.asList(command));
        return this;
    }

    /** Environment variables. */
    public ChildJvm environment(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** After which time it is killed; two minutes if not set. */
    public ChildJvm limit(Duration time) {
        limit = time;
        return this;
    }

    /** Runs a main class to its end. */
    public Run run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:-CreateCoredumpOnCrash");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(Arrays.asList(arguments));
        var out = folder.resolve("out");
        var err = folder.resolve("err");
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        var process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        return new Run(
                ended ? process.exitValue() : -1, Files.readString(out), Files.readString(err));
    }

    /** Asserts that the JVM's error handler wrote no report. */
    public void assertNoCrashReport() throws IOException {
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("hs_err"));
        }
    }
}
