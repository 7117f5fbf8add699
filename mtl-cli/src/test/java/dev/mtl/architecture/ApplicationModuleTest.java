package dev.mtl.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.tools.ToolProvider;

/** The training programs of {@code docs/java.md} in a module of an application. */
class ApplicationModuleTest {
    private static final String MODULE =
            """
            module org.example.app {
                requires dev.mtl.train;
            }
            """;

    private static final String MAIN =
            """
            package org.example;

            import dev.mtl.core.store.ModelStore;
            import dev.mtl.train.TrainingResult;

            import java.nio.file.Path;

            public final class Main {
                public static void main(String[] arguments) {
                    var program = new UsingTraining(ModelStore.standard());
                    var config = program.configuration(arguments[0], Path.of(arguments[1]));
                    TrainingResult result = program.trainOn(config, 3);
                    System.out.print(result.outcome() + " after " + result.steps());
                }
            }
            """;

    @TempDir private Path folder;

    @Test
    void compilesAgainstTheExportedPackagesAndTrains() throws Exception {
        var classes = Files.createDirectories(folder.resolve("classes"));
        var options = new ArrayList<>(ModulePath.ofThisJvm().options("dev.mtl.cli"));
        compile(options.get(1), classes);
        options.set(1, options.get(1) + File.pathSeparator + classes);
        var backbone = TinyModel.write(folder.resolve("backbone"), 1, 0).path();

        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=dev.mtl.torch,ai.djl.tokenizers");
        command.add("-Dai.djl.offline=true");
        command.addAll(options);
        command.addAll(List.of("--module", "org.example.app/org.example.Main"));
        command.addAll(List.of(backbone.toString(), folder.resolve("model").toString()));
        var out = folder.resolve("out");
        var err = folder.resolve("err");
        var process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();

        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(out).as(Files.readString(err)).content().isEqualTo("INTERRUPTED after 3");
        assertThat(folder.resolve("model.run/checkpoints/step-00000003")).exists();
    }

    private void compile(String modulePath, Path classes) throws Exception {
        var sources = Files.createDirectories(folder.resolve("sources"));
        var files =
                List.of(
                        Files.writeString(sources.resolve("module-info.java"), MODULE),
                        Files.writeString(sources.resolve("Main.java"), MAIN),
                        Path.of("src/test/java/org/example/UsingTraining.java"));
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new StringWriter();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var task =
                    compiler.getTask(
                            problems,
                            manager,
                            null,
                            List.of("--module-path", modulePath, "-d", classes.toString()),
                            null,
                            manager.getJavaFileObjectsFromPaths(files));
            assertThat(task.call()).as(problems.toString()).isTrue();
        }
    }
}
