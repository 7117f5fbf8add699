package dev.mtl.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command in a JVM that has MTL on its module path, with native access for two modules only.
 */
class ModulePathTest {
    @TempDir Path temp;

    @Test
    void findsTheHeadsThatTheirModuleProvides() throws Exception {
        assertThat(mtl("heads").out())
                .contains("classification ")
                .contains("dev.mtl.heads.token.TokenClassificationProvider");
    }

    @Test
    void runsAnEncoder() throws Exception {
        var model = TinyModel.write(temp.resolve("model"), 1, 0).path().toString();

        var run = mtl("embed", "--model", model, "some text");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().strip().split("\\s+")).hasSizeGreaterThan(8);
    }

    @Test
    void trainsHeadsWithSettings() throws Exception {
        var model = TinyModel.write(temp.resolve("model"), 1, 0).path();
        var output = temp.resolve("output");

        var run =
                mtl(
                        "train",
                        "config/quickstart.yaml",
                        "--set",
                        "model.backbone=" + model,
                        "--set",
                        "training.epochs=1",
                        "--set",
                        "output.dir=" + output);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(output.resolve("model.safetensors")).exists();
    }

    private record Run(int code, String out, String err) {}

    private Run mtl(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=dev.mtl.torch,ai.djl.tokenizers");
        command.add("--illegal-native-access=deny");
        command.add("-Dai.djl.offline=true");
        command.addAll(ModulePath.ofThisJvm().options("dev.mtl.cli"));
        command.addAll(List.of("--module", "dev.mtl.cli/dev.mtl.cli.Main"));
        command.addAll(List.of(arguments));
        var out = temp.resolve("out");
        var err = temp.resolve("err");
        var process =
                new ProcessBuilder(command)
                        .directory(Path.of("..").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
