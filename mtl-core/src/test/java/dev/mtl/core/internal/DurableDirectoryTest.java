package dev.mtl.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.core.internal.files.AtomicDirectory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The order in which a replaced directory reaches the disk, as the kernel sees it. */
class DurableDirectoryTest {
    private static final Path STRACE = Path.of("/usr/bin/strace");

    @TempDir Path folder;

    /** A process that replaces a directory, which exists. */
    static final class Replace {
        private Replace() {}

        public static void main(String[] arguments) {
            AtomicDirectory.replace(
                    Path.of(arguments[0]),
                    staging -> {
                        Files.writeString(staging.resolve("weights"), "new");
                        Files.createDirectories(staging.resolve("heads"));
                        Files.writeString(staging.resolve("heads/head"), "new");
                    });
        }
    }

    @Test
    void everythingIsOnTheDiskBeforeItIsRenamedAndTheRenameBeforeTheOldIsDeleted()
            throws Exception {
        assumeTrue(Files.isExecutable(STRACE), "strace shows the system calls");
        var model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("weights"), "old");
        var calls = trace(model);
        var staging = model + ".writing";
        int moved = calls.indexOf("rename " + staging + " " + model);
        var before = calls.subList(0, moved);
        assertThat(before)
                .containsSubsequence(
                        "fsync " + staging + "/weights",
                        "rename " + model + " " + model + ".previous")
                .containsSubsequence(
                        "fsync " + staging + "/heads/head",
                        "fsync " + staging + "/heads",
                        "fsync " + staging,
                        "rename " + model + " " + model + ".previous");
        assertThat(calls.subList(moved, calls.size()))
                .containsSubsequence(
                        "fsync " + folder,
                        "unlink " + model + ".previous/weights",
                        "rmdir " + model + ".previous");
        assertThat(before).noneMatch(call -> call.startsWith("unlink " + model));
    }

    /** The calls that name a file of the folder, such as {@code fsync /folder/file}. */
    private List<String> trace(Path directory) throws IOException, InterruptedException {
        var output = folder.resolve("trace");
        var command = new ArrayList<>(List.of(STRACE.toString(), "-f", "-y", "-qq", "-s", "500"));
        command.addAll(List.of("-o", output.toString(), "-e", "trace=rename,fsync,unlink,rmdir"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:-UsePerfData", "-cp"));
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.addAll(List.of(Replace.class.getName(), directory.toString()));
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assumeTrue(process.exitValue() == 0, "processes may be traced");
        return Files.readAllLines(output).stream()
                .filter(line -> line.contains(folder.toString()))
                .map(line -> line.replaceAll("^\\d+ +| += \\d+$|\\)", ""))
                .map(line -> line.replaceAll("\\(\\d+<|\\(\"", " ").replaceAll("\", \"", " "))
                .map(line -> line.replaceAll("[\">]", "").strip())
                .toList();
    }
}
