package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class EmbedCommandTest {
    @TempDir static Path folder;
    private static String model = "";

    @BeforeAll
    static void writeModel() throws IOException {
        model = TinyModel.write(folder.resolve("model"), 7, 0.1).path().toString();
    }

    private static Call embed(String... args) {
        return embed(new byte[0], args);
    }

    private static Call embed(byte[] stdin, String... args) {
        var all =
                Stream.concat(
                                Stream.of("embed", "--model", model, "--format", "json"),
                                Arrays.stream(args))
                        .toArray(String[]::new);
        return Call.mtl(folder.resolve("cache"), stdin, all);
    }

    private static List<String> texts(Call call) {
        return call.json().stream().map(json -> json.path("text").asText()).toList();
    }

    private static double[] vector(JsonNode json) {
        var values = json.path("embedding");
        return IntStream.range(0, values.size())
                .mapToDouble(i -> values.get(i).asDouble())
                .toArray();
    }

    @Test
    void int8EmbeddingsAreCloseToThoseOfFloat32() {
        var exact = vector(embed("play the song").json().getFirst());
        var coarse = vector(embed("--precision", "int8", "play the song").json().getFirst());
        double dot = 0;
        for (int i = 0; i < exact.length; i++) {
            dot += exact[i] * coarse[i];
        }
        assertThat(dot / norm(exact) / norm(coarse)).isBetween(0.99, 0.999999);
    }

    @Test
    void printsOneObjectForEachTextInOrder() {
        var call = embed("a much longer text than the next", "b", "play the song");

        assertThat(call.code()).isZero();
        assertThat(call.err()).isEmpty();
        assertThat(texts(call))
                .containsExactly("a much longer text than the next", "b", "play the song");
        assertThat(call.json())
                .allSatisfy(
                        json -> {
                            assertThat(json.fieldNames())
                                    .toIterable()
                                    .containsExactly("text", "embedding");
                            assertThat(json.path("embedding")).hasSize(TinyModel.HIDDEN);
                        });
    }

    @Test
    void aTextHasTheSameEmbeddingAloneAndInABatch() {
        var batch = embed("play the song", "book the room", "a", "some words that are longer");

        for (var json : batch.json()) {
            var alone = embed(json.path("text").asText()).json().getFirst();
            assertThat(vector(json)).containsExactly(vector(alone), within());
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-6);
    }

    @Test
    void anEmptyTextHasAnEmbedding() {
        var call = embed("", "a");

        assertThat(call.code()).isZero();
        assertThat(texts(call)).containsExactly("", "a");
    }

    @Test
    void twoDashesEndTheOptions() {
        assertThat(texts(embed("--", "-x", "--help", "--"))).containsExactly("-x", "--help", "--");
    }

    @Test
    void aTextThatBeginsWithAnAtSignIsNotAnArgumentFile() throws IOException {
        var file = Files.writeString(folder.resolve("arguments"), "one two");

        assertThat(texts(embed("@" + file, "@@home"))).containsExactly("@" + file, "@@home");
    }

    @Test
    void optionsMayFollowTexts() {
        var call = embed("play", "--pooling", "cls", "book", "--normalize", "l2");

        assertThat(texts(call)).containsExactly("play", "book");
    }

    @Test
    void enumOptionsIgnoreCase() {
        var small = embed("--pooling", "max", "--normalize", "layer_norm", "play the song");
        var large = embed("--pooling", "MAX", "--normalize", "Layer_Norm", "play the song");

        assertThat(small.code()).isZero();
        assertThat(small.out()).isEqualTo(large.out());
    }

    @Test
    void poolingAndNormalizationChangeTheEmbedding() {
        var mean = vector(embed("play the song").json().getFirst());
        var cls = vector(embed("--pooling", "cls", "play the song").json().getFirst());
        var max = vector(embed("--pooling", "max", "play the song").json().getFirst());
        var unit = vector(embed("--normalize", "l2", "play the song").json().getFirst());

        assertThat(mean).isNotEqualTo(cls).isNotEqualTo(max);
        assertThat(norm(unit)).isEqualTo(1, within());
        assertThat(Arrays.stream(unit).map(value -> value * norm(mean)).toArray())
                .containsExactly(mean, within());
    }

    private static double norm(double[] vector) {
        return Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
    }

    @Test
    void truncatesTextsToMaxLength() {
        var cut = vector(embed("--max-length", "4", "play the song").json().getFirst());
        var shorter = vector(embed("play the").json().getFirst());

        assertThat(cut).containsExactly(shorter, within());
    }

    @Test
    void refusesAMaxLengthAboveThePositionsOfTheModel() {
        var call = embed("--max-length", "65", "a");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).isEqualTo("mtl: max_length 65: this model takes 3 to 64 tokens\n");
    }

    @Test
    void putsAPromptBeforeEachText() {
        var prompted = embed("--prompt", "play ", "the song", "a");
        var written = embed("play the song", "play a");

        assertThat(texts(prompted)).containsExactly("the song", "a");
        for (int i = 0; i < 2; i++) {
            assertThat(vector(prompted.json().get(i)))
                    .containsExactly(vector(written.json().get(i)), within());
        }
    }

    @Test
    void refusesAPromptThatTheModelDoesNotHave() {
        var unknown = embed("--prompt-name", "title", "a");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err())
                .isEqualTo("mtl: no prompt 'title'; this model has [document, query]\n");

        var both = embed("--prompt-name", "query", "--prompt", "a", "a");
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err()).startsWith("mtl: --prompt and --prompt-name");
    }

    @Test
    void keepsTheFirstDimensions() {
        var all = vector(embed("play the song").json().getFirst());
        var first = vector(embed("--truncate-dim", "5", "play the song").json().getFirst());
        var unit = embed("--truncate-dim", "5", "--normalize", "l2", "play the song").json();

        assertThat(first).containsExactly(Arrays.copyOf(all, 5), within());
        assertThat(norm(vector(unit.getFirst()))).isEqualTo(1, within());
    }

    @Test
    void readsLongTextsInWindows() {
        var text = "song ".repeat(100) + "play ".repeat(50);
        var cut = vector(embed("--long-texts", "cut", text).json().getFirst());
        var whole = vector(embed("--long-texts", "window", text).json().getFirst());

        assertThat(cut).isEqualTo(vector(embed(text).json().getFirst())).isNotEqualTo(whole);
    }

    @Test
    void printsBytesBetweenTheRangesOfACalibrationFile() throws IOException {
        var file = Files.writeString(folder.resolve("calibration"), "play the song\nbook\na\n");
        var options = new String[] {"--quantize", "uint8", "--calibration", file.toString(), ""};
        var ranges = IntStream.range(0, 3);
        var numbers =
                ranges.mapToObj(
                                i -> {
                                    options[4] = List.of("play the song", "book", "a").get(i);
                                    return vector(embed(options).json().getFirst());
                                })
                        .toList();
        for (int i = 0; i < TinyModel.HIDDEN; i++) {
            int dimension = i;
            var values = numbers.stream().map(vector -> vector[dimension]).toList();
            assertThat(values).contains(0.0).allMatch(value -> value >= 0 && value <= 255);
            assertThat(values).anyMatch(value -> value >= 254);
        }
    }

    @Test
    void printsABitForEachDimension() {
        var exact = vector(embed("play the song").json().getFirst());
        var call =
                Call.mtl(
                        folder,
                        "embed",
                        "--model",
                        model,
                        "--quantize",
                        "ubinary",
                        "play the song");

        var bytes = call.out().strip().split(" ");
        assertThat(bytes).hasSize(TinyModel.HIDDEN / 8);
        for (int i = 0; i < exact.length; i++) {
            boolean bit = (Integer.parseInt(bytes[i / 8]) >> (7 - i % 8) & 1) == 1;
            assertThat(bit).as("dimension %d", i).isEqualTo(exact[i] > 0);
        }
    }

    @Test
    void asksForACalibrationWhereItIsNeeded() {
        var missing = embed("--quantize", "int8", "a");
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err()).startsWith("mtl: --quantize int8: give --calibration FILE");

        var useless = embed("--quantize", "binary", "--calibration", "none", "a");
        assertThat(useless.code()).isEqualTo(2);
        assertThat(useless.err()).startsWith("mtl: --calibration is for --quantize int8");
    }

    @Test
    void readsLinesOfStdin() {
        var call = embed("one\r\n\nlast".getBytes(StandardCharsets.UTF_8), "--input", "-");

        assertThat(texts(call)).containsExactly("one", "", "last");
    }

    @Test
    void readsLinesOfAFileAfterTheArguments() throws IOException {
        var file = Files.writeString(folder.resolve("texts"), "\uFEFFthe 🎵 song\nplay\n");

        assertThat(texts(embed("first", "--input", file.toString())))
                .containsExactly("first", "the 🎵 song", "play");
    }

    @Test
    void keepsTheOrderOfLinesAcrossChunks() {
        var lines = IntStream.range(0, 2500).mapToObj(i -> "a".repeat(1 + i % 7)).toList();
        var stdin = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);

        assertThat(texts(embed(stdin, "--input", "-"))).isEqualTo(lines);
    }

    @Test
    @Timeout(30)
    void answersALineOfAPipeBeforeTheNextOneArrives() throws IOException {
        var pipe = new PipedOutputStream();
        var out = new ByteArrayOutputStream();
        try (var in = new PipedInputStream(pipe)) {
            var call =
                    CompletableFuture.supplyAsync(
                            () ->
                                    Main.run(
                                            new String[] {
                                                "embed", "--model", model, "--input", "-"
                                            },
                                            in,
                                            out,
                                            System.err,
                                            Map.of("MTL_CACHE", folder.toString())));
            for (int lines = 1; lines <= 3; lines++) {
                pipe.write("play\n".getBytes(StandardCharsets.UTF_8));
                pipe.flush();
                while (out.toString(StandardCharsets.UTF_8).lines().count() < lines) {
                    assertThat(call).isNotDone();
                    Thread.onSpinWait();
                }
            }
            pipe.close();
            assertThat(call.join()).isZero();
        }
    }

    @Test
    void reportsALineThatIsNotUtf8() {
        var call = embed(new byte[] {'a', '\n', 'b', '\n', 'c', (byte) 0xff, '\n'}, "--input", "-");

        assertThat(call.code()).isEqualTo(1);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).startsWith("mtl: stdin:3: is not UTF-8");
    }

    @Test
    void reportsOrSkipsALineWithoutAText() {
        var stdin = "{\"t\": \"play\"}\n{}\n{\"t\": \"book\"}\n\n".getBytes(StandardCharsets.UTF_8);

        var failed = embed(stdin, "--input", "-", "--text-field", "t");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).startsWith("mtl: stdin:2: has no text in the field 't'");

        var rest = embed(stdin, "--input", "-", "--text-field", "t", "--on-bad-row", "skip");
        assertThat(rest.code()).isZero();
        assertThat(texts(rest)).containsExactly("play", "book");
        assertThat(rest.err())
                .contains("mtl: skipped: stdin:2: ", "mtl: stdin: 1 of 4 lines skipped");
    }

    @Test
    void severalTextFieldsHaveAnEmbeddingEach() {
        var stdin =
                "{\"a\": \"play\", \"b\": \"book\"}\n{\"a\": \"book\", \"b\": \"\"}\n"
                        .getBytes(StandardCharsets.UTF_8);
        var both = embed(stdin, "--input", "-", "--text-field=a,b");

        assertThat(both.code()).as(both.err()).isZero();
        var pairs = both.json();
        assertThat(pairs).hasSize(2);
        assertThat(pairs.getFirst().path("texts").get(1).asText()).isEqualTo("book");
        var alone = embed("play").json().getFirst().path("embedding");
        assertThat(pairs.getFirst().path("embeddings").get(0)).hasSize(TinyModel.HIDDEN);
        for (int i = 0; i < TinyModel.HIDDEN; i++) {
            assertThat(pairs.getFirst().path("embeddings").get(0).get(i).asDouble())
                    .isCloseTo(alone.get(i).asDouble(), within());
        }
        assertThat(pairs.getFirst().path("embeddings").get(1)).isNotEqualTo(alone);
    }

    @Test
    void anEmptyInputHasNoOutput() {
        var call = embed("--input", "-");

        assertThat(call.code()).isZero();
        assertThat(call.out()).isEmpty();
    }

    @Test
    void textOutputHasOnlyTheNumbers() {
        var call = Call.mtl(folder.resolve("cache"), "embed", "--model", model, "play");

        assertThat(call.out().strip().split(" ")).hasSize(TinyModel.HIDDEN);
    }
}
