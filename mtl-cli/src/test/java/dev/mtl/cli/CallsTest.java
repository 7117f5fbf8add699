package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class CallsTest {
    @TempDir Path folder;

    private Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void withoutArgumentsPrintsTheUsageToStderr() {
        var call = mtl();

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains("Usage: mtl", "embed", "train", "doctor", "Exit codes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "embed --help",
                "init --help",
                "train --help",
                "evaluate --help",
                "predict --help",
                "export --help",
                "models --help",
                "models list --help",
                "models pull --help",
                "heads --help",
                "doctor --help",
                "data --help",
                "data check --help",
                "help train"
            })
    void helpGoesToStdout(String line) {
        var call = mtl(line.split(" "));

        assertThat(call.code()).isZero();
        assertThat(call.out()).contains("Usage: mtl");
        assertThat(call.err()).isEmpty();
    }

    @Test
    void printsItsVersion() {
        var call = mtl("--version");

        assertThat(call.code()).isZero();
        assertThat(call.out()).startsWith("mtl ");
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        var call = mtl("modles");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains("mtl: Unmatched argument at index 0: 'modles'");
        assertThat(call.err()).contains("mtl: Did you mean: mtl models?", "mtl: see mtl --help");
    }

    @Test
    void suggestsTheOptionThatWasMeant() {
        var call = mtl("embed", "--model", "x", "--poling", "cls", "text");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("mtl: Unknown option", "--poling", "--pooling");
        assertThat(call.err().lines()).allMatch(line -> line.startsWith("mtl: "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "embed text",
                "embed --model m --pooling middle text",
                "embed --model m --normalize l3 text",
                "embed --model m --max-length many text",
                "embed --model m --max-length 2 text",
                "embed --model m --precision int4 text",
                "embed --model m --precision int8 --device cuda text",
                "embed --model m --device gpu text",
                "embed --model m --format xml text",
                "embed --model m",
                "embed --model m --input missing.txt",
                "embed --model nowhere text",
                "embed --model m -x",
                "train",
                "train missing.yaml",
                "evaluate",
                "evaluate --model nowhere",
                "evaluate --model nowhere --split all",
                "predict --model nowhere text",
                "predict --model nowhere",
                "export --model nowhere --to transformers out",
                "export --model nowhere --to tflite out",
                "export --model nowhere --to transformers",
                "heads --plugins missing.jar",
                "models",
                "models pull",
                "models pull nowhere"
            })
    void aWrongCallIsAnsweredWithMessagesOnlyAndExitCodeTwo(String line) {
        var call = mtl(line.split(" "));

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err().lines()).isNotEmpty().allMatch(l -> l.startsWith("mtl: "));
        assertThat(call.err()).doesNotContain("\tat ", "Exception", "internal error");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train missing.yaml --stacktrace",
                "models pull nowhere --stacktrace",
                "embed --model nowhere --stacktrace -- text"
            })
    void printsTheStackTraceWithTheOptionStacktrace(String line) {
        var call = mtl(line.split(" "));

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("\tat dev.mtl.", "mtl: ");
    }

    @Test
    void theTextStacktraceIsNotTheOption() {
        var call = mtl("embed", "--model", "nowhere", "--", "--stacktrace");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).startsWith("mtl: no model 'nowhere'").doesNotContain("\tat ");
    }

    @Test
    void aMissingCudaDeviceIsAnErrorNotAFallbackToTheCpu() throws IOException {
        var model = TinyModel.write(folder.resolve("model"), 7, 0.1).path();

        var call = mtl("embed", "--model", model.toString(), "--device", "cuda:31", "text");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("mtl: device cuda:31: this LibTorch sees");
    }

    @Test
    void anEmptyCacheListsTheModelsThatCanBeDownloaded() {
        var call = mtl("models", "list", "--format", "json");

        assertThat(call.code()).isZero();
        assertThat(call.json())
                .extracting(model -> model.path("name").asText())
                .containsExactly(
                        "bert-base-uncased",
                        "all-MiniLM-L6-v2",
                        "bge-small-en-v1.5",
                        "e5-small-v2");
        assertThat(call.json())
                .allSatisfy(
                        model -> {
                            assertThat(model.fieldNames())
                                    .toIterable()
                                    .containsExactly("name", "source", "directory", "size");
                            assertThat(model.path("source").asText()).startsWith("maven:");
                            assertThat(model.path("directory").isNull()).isTrue();
                            assertThat(model.path("size").asLong()).isZero();
                        });
        assertThat(call.err()).isEmpty();
        var text = mtl("models", "list");
        assertThat(text.out().lines())
                .hasSize(4)
                .allMatch(line -> line.contains("(not downloaded)"));
        assertThat(text.err()).contains("model_types bert, ", "modernbert", "eurobert", "new");
    }

    @Test
    void pullRefusesADirectory() throws IOException {
        var model = TinyModel.write(folder.resolve("model"), 7, 0.1).path().toString();

        var call = mtl("models", "pull", model);

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err())
                .contains(
                        "is a directory, there is nothing to download; use it as --model " + model);
    }

    @Test
    void listsTheHeadsThatShip() {
        var call = mtl("heads", "--format", "json");

        assertThat(call.code()).isZero();
        assertThat(call.json())
                .extracting(head -> head.path("type").asText())
                .contains("classification", "token-classification");
        assertThat(call.json())
                .allSatisfy(
                        head -> {
                            assertThat(head.path("provider").asText()).startsWith("dev.mtl.heads.");
                            assertThat(Path.of(head.path("origin").asText())).exists();
                        });
        assertThat(mtl("heads").out()).contains("token-classification");
    }

    @Test
    void aClosedPipeEndsTheCommandSilently() throws IOException {
        var call = mtlOnto("Broken pipe");

        assertThat(call.code()).isZero();
        assertThat(call.err()).isEmpty();
    }

    @Test
    void aFullDiskIsAnError() throws IOException {
        var call = mtlOnto("No space left on device");

        assertThat(call.code()).isEqualTo(1);
        assertThat(call.err())
                .isEqualTo("mtl: stdout: cannot be written: No space left on device\n");
    }

    /** Runs a command whose stdout cannot be written. */
    private Call mtlOnto(String failure) throws IOException {
        var model = TinyModel.write(folder.resolve("model"), 7, 0.1).path();
        var closed =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException(failure);
                    }
                };
        var err = new ByteArrayOutputStream();
        int code =
                Main.run(
                        new String[] {"embed", "--model", model.toString(), "one", "two"},
                        InputStream.nullInputStream(),
                        closed,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of("MTL_CACHE", folder.toString()));
        return new Call(code, "", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aBrokenModelFailsWithOneLine() throws IOException {
        var model = TinyModel.write(folder.resolve("model"), 7, 0.1).path();
        Files.write(model.resolve("model.safetensors"), new byte[] {1, 2, 3});

        var call = mtl("embed", "--model", model.toString(), "text");

        assertThat(call.code()).isEqualTo(1);
        assertThat(call.err().lines()).hasSize(1);
        assertThat(call.err()).startsWith("mtl: ").contains("model.safetensors");
    }
}
