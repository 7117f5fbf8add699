package dev.mtl.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Training in a process of its own, which can be killed. */
final class TrainingProcess {
    private TrainingProcess() {}

    /**
     * The command of {@code mtl train} with this JVM's classes.
     *
     * @param jvm more options of the JVM
     * @param options of mtl train
     */
    static List<String> command(
            List<String> jvm, Path configuration, Path output, String... options) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-XX:-UsePerfData"));
        command.addAll(jvm);
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.mtl.cli.Main",
                        "train",
                        configuration.toString(),
                        "--output",
                        output.toString()));
        command.addAll(List.of(options));
        return command;
    }
}
