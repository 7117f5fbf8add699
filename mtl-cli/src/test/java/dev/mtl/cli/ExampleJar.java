package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The plug-in of {@code docs/example-head} as a user has it: compiled against MTL's jars, named by
 * {@code --plugins}; no test sees its classes.
 *
 * @param folder of the test
 * @param path of the jar
 */
record ExampleJar(Path folder, Path path) {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    static final Path SOURCES = ROOT.resolve("docs/example-head");

    static ExampleJar build(Path folder) throws IOException {
        var classes = Files.createDirectories(folder.resolve("classes"));
        PluginJar.compile(
                PluginJar.files(SOURCES.resolve("src/main/java"), ".java"),
                PluginJar.classPath(),
                classes);
        return new ExampleJar(
                folder,
                PluginJar.jar(
                        folder.resolve("ordinal-head.jar"),
                        classes,
                        SOURCES.resolve("src/main/resources")));
    }

    /** Runs a command with the plug-in. */
    Call mtl(String command, String... args) {
        var all = new ArrayList<>(List.of(command));
        all.addAll(List.of(args));
        all.addAll(List.of("--plugins", path.toString()));
        return Call.mtl(folder.resolve("cache"), all.toArray(String[]::new));
    }

    /** The message about a configuration with other text in the place of some of its own. */
    String mistake(Path config, String from, String to) throws IOException {
        var text = Files.readString(config);
        assertThat(text).contains(from);
        var wrong = Files.writeString(folder.resolve("wrong.yaml"), text.replace(from, to));
        var call = mtl("train", "--overwrite", wrong.toString());
        assertThat(call.code()).as(call.err()).isEqualTo(2);
        return call.err();
    }
}
