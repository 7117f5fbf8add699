package dev.mtl.torch.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.torch.testing.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
    void haltingKeepsItsExitCode() throws Exception {
        var run = run(Map.of(), List.of(), "halt");

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(3);
        assertThat(run.out()).contains("reason: Could not find schema");
        assertThat(run.err()).doesNotContain("fatal error").doesNotContain("upcall");
    }

    @Test
    void aStackOverflowInTheFirstCallsLeavesTheNextOnesWhole() throws Exception {
        var run = run(Map.of(), List.of("-Xss512k"), "start-at-the-end-of-the-stack");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        assertThat(run.out()).contains("the stack ended").endsWith("then 6.0\n");
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

    private ChildJvm.Run run(
            Map<String, String> environment, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        var child = new ChildJvm(temp).environment(environment);
        var run =
                child.options(options.toArray(String[]::new)).run(LibTorchProcess.class, arguments);
        child.assertNoCrashReport();
        return run;
    }

    private static void assumeBefore213() {
        assumeTrue(
                LibTorch.get().version() < LibTorch.VERSION_2_13,
                "LibTorch 2.13 and later print nothing");
    }
}
