package dev.mtl.core.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program in a JVM of its own, for tests of what could end the JVM.
 *
 * @param code its exit code, or -1 if it had not ended in time
 * @param output what it printed, errors included
 */
public record ChildJvm(int code, String output) {
    /**
     * Runs a class of the class path with the tests.
     *
     * @param folder for a crash's report
     * @param heap such as {@code 64m}
     */
    public static ChildJvm run(
            Path folder, String heap, int seconds, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        var output = folder.resolve("output of " + main.getSimpleName());
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx" + heap,
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("hs_err"),
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        main.getName()));
        command.addAll(List.of(arguments));
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        return new ChildJvm(ended ? process.exitValue() : -1, Files.readString(output));
    }

    /** The last line of the output. */
    public String lastLine() {
        return output.lines().reduce("", (before, last) -> last);
    }
}
