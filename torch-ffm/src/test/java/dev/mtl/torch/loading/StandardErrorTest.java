package dev.mtl.torch.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.natives.LibTorchHome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The output of a child process that runs one of the tasks of {@link LibTorchProcess}. */
class StandardErrorTest {
    @TempDir Path temp;

    @Test
    void printsLibTorchsWarnings() throws Exception {
        var run = run(Map.of(), List.of(), "warn");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("degrees of freedom is <= 0");
    }

    @Test
    void printsNoErrorThatAnExceptionContains() throws Exception {
        var run = run(Map.of(), List.of(), "fail");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("reason: Could not find schema for aten::no_such_op");
        assertThat(run.err())
                .doesNotContain("Exception in aoti_torch")
                .doesNotContain("no_such_op")
                .doesNotContain("self-test")
                .doesNotContain("frame #");
    }

    @Test
    void printsErrorsWhereTheCaptureIsDisabled() throws Exception {
        assumeBefore213();
        var run = run(Map.of(), List.of("-D" + CerrCapture.PROPERTY + "=false"), "fail");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("reason: null");
        assertThat(run.err()).contains("Exception in aoti_torch: Could not find schema for");
    }

    @Test
    void printsErrorsOfThreadsThatJavaDidNotStart() throws Exception {
        assumeBefore213();
        var run = run(Map.of(), List.of(), "fail-in-a-foreign-thread");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("Exception in aoti_torch: on a foreign thread");
    }

    @Test
    void exitsCleanlyWhileThreadsAreFailing() throws Exception {
        var run = run(Map.of(), List.of(), "exit-while-failing");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(7);
        assertThat(run.err()).doesNotContain("SIGSEGV").doesNotContain("fatal error");
    }

    @Test
    void servesSeveralClassLoadersOfOneProcess() throws Exception {
        var run = run(Map.of(), List.of(), "two-class-loaders");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "first: 6.0, Could not find schema for aten::no_such_op.",
                        "second: 6.0, Could not find schema for aten::no_such_op.",
                        "first: 6.0, Could not find schema for aten::no_such_op.",
                        "1 LibTorch is loaded");
        assertThat(run.err()).doesNotContain("no_such_op").doesNotContain("classloader");
    }

    @Test
    void repeatsTheMessageAfterLoadingFailed() throws Exception {
        Files.writeString(temp.resolve("libc10.so"), "not a library");
        Files.writeString(temp.resolve("libtorch_cpu.so"), "not a library");

        var run = run(Map.of(LibTorchHome.VARIABLE, temp.toString()), List.of(), "load-twice");

        assertThat(run.out().lines().distinct())
                .singleElement()
                .asString()
                .contains("libc10.so of the LibTorch in " + temp + " cannot be loaded")
                .contains("LIBTORCH_HOME must name a whole LibTorch");
        assertThat(run.out().lines()).hasSize(2);
    }

    @Test
    void refusesAProcessThatHasAnotherLibTorch() throws Exception {
        var other = temp.resolve("libtorch_cpu.so");
        Files.writeString(other, "another LibTorch");

        var run = run(Map.of(), List.of(), "load-beside", other.toString());

        assertThat(run.out())
                .contains("this process has already loaded another LibTorch: " + other)
                .contains(LibTorch.get().home().directory().toString());
    }

    private record Run(int exitCode, String out, String err) {}

    private Run run(Map<String, String> environment, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        Collections.addAll(
                command,
                "-cp",
                System.getProperty("java.class.path"),
                LibTorchProcess.class.getName());
        command.addAll(Arrays.asList(arguments));
        var out = temp.resolve("out");
        var err = temp.resolve("err");
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        var process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static void assumeBefore213() {
        assumeTrue(
                LibTorch.get().version() < LibTorch.VERSION_2_13,
                "LibTorch 2.13 and later print nothing");
    }
}
