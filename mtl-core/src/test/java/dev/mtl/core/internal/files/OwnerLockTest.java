package dev.mtl.core.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class OwnerLockTest {
    @TempDir Path folder;

    /** A process that takes the lock, says so, and keeps it until it is killed. */
    static final class Keep {
        private Keep() {}

        public static void main(String[] arguments) throws Exception {
            try (var lock = OwnerLock.acquire(Path.of(arguments[0]), "wait")) {
                System.out.println("taken " + lock);
                System.out.flush();
                Thread.sleep(60_000);
            }
        }
    }

    @Test
    void refusesAtOnceAndNamesProcessHostAndTime() throws Exception {
        var directory = folder.resolve("run");
        var process = keep(directory);
        try {
            assertThatThrownBy(() -> OwnerLock.acquire(directory, "set another output.dir"))
                    .isInstanceOf(MtlException.class)
                    .hasMessageMatching(
                            directory
                                    + " is being written by process "
                                    + process.pid()
                                    + " on \\S+ since 20\\S+Z; set another output.dir");
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(folder.resolve(".run.lock")).exists();

        OwnerLock.acquire(directory, "").close(); // left by a process that has ended

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesAnotherThreadOfTheSameProcess() {
        var directory = folder.resolve("run");
        try (var _ = OwnerLock.acquire(directory, "")) {
            assertThatThrownBy(() -> OwnerLock.acquire(directory, "wait"))
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        OwnerLock.acquire(directory, "").close();
    }

    @Test
    void keepsWhatAnotherHostHasLocked() throws IOException {
        var lock = folder.resolve(".run.lock");
        Files.writeString(lock, "12 other-host 2026-01-01T00:00:00Z\n");

        assertThatThrownBy(() -> OwnerLock.acquire(folder.resolve("run"), "wait"))
                .hasMessageContaining("process 12 on other-host since 2026-01-01T00:00:00Z")
                .hasMessageContaining("if it has ended, delete " + lock);
    }

    private static Process keep(Path directory) throws IOException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                Keep.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.inputReader().readLine()).startsWith("taken");
        return process;
    }
}
