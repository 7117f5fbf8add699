package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Trains a model with two heads once, and then does with it what people do. */
class TrainedModelTest {
    @TempDir static Path folder;
    private static Path config = Path.of("");
    private static Path model = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void train() throws IOException {
        model = folder.resolve("runs/model");
        config = ToyTask.write(folder, "epochs: 12", folder.resolve("runs/other"));
        training =
                mtl("train", config.toString(), "--output", model.toString(), "--format", "json");
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    private static Call onModel(String command, String... args) {
        return mtl(
                Stream.concat(
                                Stream.of(command, "--model", model.toString(), "--format", "json"),
                                Arrays.stream(args))
                        .toArray(String[]::new));
    }

    @Test
    void trainingPrintsOneObjectForEachEvaluation() {
        assertThat(training.code()).as(training.err()).isZero();
        assertThat(training.json()).hasSize(12);
        assertThat(training.json())
                .allSatisfy(
                        json -> {
                            assertThat(json.fieldNames())
                                    .toIterable()
                                    .contains("step", "epoch", "train_loss", "tasks");
                            assertThat(json.at("/tasks/intent/accuracy").isNumber()).isTrue();
                            assertThat(json.at("/tasks/slots/f1").isNumber()).isTrue();
                        });
        var last = training.json().getLast();
        assertThat(last.path("epoch").asDouble()).isEqualTo(12);
        assertThat(last.path("train_loss").asDouble())
                .isLessThan(training.json().getFirst().path("train_loss").asDouble());
        assertThat(last.at("/tasks/intent/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/tasks/slots/f1").asDouble()).isEqualTo(1);
        assertThat(training.err()).contains("mtl: the best model is in " + model);
    }

    @Test
    void findsEntitiesAllOverADocumentThatIsLongerThanTheModelTakes() {
        var text = "book the blue room . play the red song . ".repeat(500).strip();
        var call = onModel("predict", text);
        assertThat(call.code()).as(call.err()).isZero();
        int after = 0;
        var stretches = new TreeSet<Integer>();
        for (var entity : call.json().getFirst().at("/tasks/slots/entities")) {
            int start = entity.path("start").asInt();
            assertThat(start).isGreaterThanOrEqualTo(after);
            after = entity.path("end").asInt();
            assertThat(entity.path("text").asText()).isEqualTo(text.substring(start, after));
            stretches.add(start / 400);
        }
        // The model has seen short texts only and errs at times, but nowhere is it silent.
        assertThat(stretches).hasSize(Math.ceilDiv(text.length(), 400));
    }

    @Test
    void outputOverridesTheConfiguration() {
        assertThat(model.resolve("mtl.json")).exists();
        assertThat(model.resolve("config.yaml")).exists();
        assertThat(folder.resolve("runs/other")).doesNotExist();
        assertThat(model.resolveSibling("model.writing")).doesNotExist();
        assertThat(model.resolveSibling("model.previous")).doesNotExist();
    }

    @Test
    void evaluatesOnTheDataOfTheTraining() {
        var call = onModel("evaluate");

        assertThat(call.code()).as(call.err()).isZero();
        var json = call.json().getFirst();
        assertThat(call.json()).hasSize(1);
        assertThat(json.at("/tasks/intent/accuracy").asDouble()).isEqualTo(1);
        assertThat(json.at("/tasks/slots/precision").asDouble()).isEqualTo(1);
        assertThat(json.at("/tasks/slots/recall").asDouble()).isEqualTo(1);
        assertThat(json.at("/tasks/slots/f1").asDouble()).isEqualTo(1);
        assertThat(json.path("joint_accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void evaluatesOtherSplitsInAnyCase() {
        for (var split : List.of("train", "TRAIN", "Validation")) {
            assertThat(onModel("evaluate", "--split", split).code()).isZero();
        }
    }

    @Test
    void aSplitWithoutDataIsAnErrorThatSaysHowToNameSome() {
        var call = onModel("evaluate", "--split", "test");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err())
                .startsWith("mtl: ")
                .contains("no task of this model has test data", "--set tasks.NAME.data.test=PATH");
    }

    @Test
    void theDataOfASplitCanBeSetOnTheCommandLine() {
        var dev = folder.resolve("dev");
        var call =
                onModel(
                        "evaluate",
                        "--split",
                        "test",
                        "--set",
                        "tasks.intent.data.test=" + dev,
                        "--set",
                        "tasks.slots.data.test=" + dev);

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("joint_accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void evaluatesWithAnotherConfiguration() {
        var call = onModel("evaluate", "--config", config.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("joint_accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void predictsLabelsAndEntities() {
        var call = onModel("predict", "play the green song", "book the red room");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.err()).isEmpty();
        var play = call.json().getFirst();
        assertThat(play.fieldNames()).toIterable().containsExactly("text", "tasks");
        assertThat(play.path("text").asText()).isEqualTo("play the green song");
        assertThat(play.at("/tasks/intent/label").asText()).isEqualTo("Play");
        assertThat(play.at("/tasks/intent/score").asDouble()).isBetween(0.5, 1.0);
        var entity = play.at("/tasks/slots/entities/0");
        assertThat(entity.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("text", "label", "start", "end", "score");
        assertThat(entity.path("text").asText()).isEqualTo("green");
        assertThat(entity.path("label").asText()).isEqualTo("colour");
        assertThat(entity.path("start").asInt()).isEqualTo(9);
        assertThat(entity.path("end").asInt()).isEqualTo(14);
        assertThat(entity.path("score").asDouble()).isBetween(0.0, 1.0);
        assertThat(call.json().get(1).at("/tasks/intent/label").asText()).isEqualTo("Book");
    }

    @Test
    void int8PredictionsAreCloseToThoseOfFloat32() {
        var text = "play the green song";
        var exact = onModel("predict", text).json().getFirst();
        var call = onModel("predict", "--precision", "int8", text);

        assertThat(call.code()).as(call.err()).isZero();
        var coarse = call.json().getFirst();
        assertThat(coarse.at("/tasks/intent/label").asText()).isEqualTo("Play");
        assertThat(coarse.at("/tasks/intent/score").asDouble())
                .isCloseTo(exact.at("/tasks/intent/score").asDouble(), within(0.05))
                .isNotEqualTo(exact.at("/tasks/intent/score").asDouble());
        assertThat(coarse.at("/tasks/slots/entities/0/text").asText()).isEqualTo("green");
    }

    @Test
    void int8FindsEntitiesAllOverALongDocument() {
        var text = "book the blue room . play the red song . ".repeat(100).strip();
        var call = onModel("predict", "--precision", "int8", text);

        assertThat(call.code()).as(call.err()).isZero();
        var entities = call.json().getFirst().at("/tasks/slots/entities");
        assertThat(entities.get(entities.size() - 1).path("start").asInt())
                .isGreaterThan(text.length() * 3 / 4);
    }

    @Test
    void evaluatesInInt8() {
        var call = onModel("evaluate", "--precision", "int8");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("joint_accuracy").asDouble()).isEqualTo(1);
    }

    @Test
    void refusesPrecisionsThatAreNotForInference() {
        for (var call :
                List.of(
                        onModel("predict", "--precision", "bf16", "a"),
                        onModel("evaluate", "--precision", "bf16"))) {
            assertThat(call.code()).isEqualTo(2);
            assertThat(call.err()).contains("--precision bf16 is for training", "fp32, int8");
        }
        assertThat(onModel("predict", "--precision", "int8", "--device", "cuda", "a").err())
                .contains("--precision int8 is for the CPU: leave out --device cuda");
    }

    @Test
    void offsetsCutTheEntityOutOfAnyText() {
        var texts =
                List.of(
                        "book the \uD83C\uDFB5\uD83C\uDFB5 blue room",
                        "  play\tthe  \"red\" song!",
                        "\uD83D\uDC69\u200D\uD83D\uDC67 book the green\u00A0room \uD83D\uDE00.",
                        "bo\u0301ok the BLUE, room",
                        "play the red song ".repeat(30),
                        "\uD83D red room",
                        "",
                        " ");

        var call = onModel("predict", texts.toArray(String[]::new));

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json()).hasSameSizeAs(texts);
        int entities = 0;
        for (int i = 0; i < texts.size(); i++) {
            for (JsonNode entity : call.json().get(i).at("/tasks/slots/entities")) {
                entities++;
                int start = entity.path("start").asInt();
                int end = entity.path("end").asInt();
                assertThat(entity.path("text").asText()).isNotBlank();
                assertThat(texts.get(i).substring(start, end))
                        .isEqualTo(entity.path("text").asText());
            }
        }
        assertThat(entities).isGreaterThan(4);
        assertThat(call.json().get(6).at("/tasks/slots/entities")).isEmpty();
        assertThat(call.json().get(6).at("/tasks/intent/label").asText()).isNotEmpty();
    }

    @Test
    void predictsTheTextsOfJsonLines() throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("texts.jsonl"),
                        "{\"text\": \"book the blue room\", \"id\": 1}\n"
                                + "{\"text\": \"play \\u00e9\"}\n");
        var call = onModel("predict", "--input", file.toString());
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().stream().map(json -> json.path("text").asText()))
                .containsExactly("book the blue room", "play \u00e9");

        var other = onModel("predict", "--input", file.toString(), "--text-field", "title");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("texts.jsonl:1: has no text in the field 'title'");
        Files.writeString(file, "{\"text\": \"a\"}\nnot json\n");
        assertThat(onModel("predict", "--input", file.toString()).err())
                .contains("texts.jsonl:2: is not JSON");
    }

    @Test
    void predictsLinesOfStdin() {
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "play the red song\nbook the red room\n".getBytes(StandardCharsets.UTF_8),
                        "predict",
                        "--model",
                        model.toString(),
                        "--input",
                        "-");

        assertThat(call.out()).contains("play the red song\n  intent: Play", "  intent: Book");
    }

    @Test
    void aTrainedModelCanEmbed() {
        var call = onModel("embed", "play the red song");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("embedding")).hasSize(TinyModel.HIDDEN);
    }

    @Test
    void theSameConfigurationTrainsTheSameModel() throws IOException {
        var again = folder.resolve("again");

        var call = mtl("train", config.toString(), "--output", again.toString(), "--format=json");

        assertThat(call.out()).isEqualTo(training.out());
        for (var file : List.of("model.safetensors", "heads/slots/head.safetensors", "mtl.json")) {
            assertThat(Files.mismatch(model.resolve(file), again.resolve(file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    @Test
    void trainingContinuesWhenTheReaderOfStdoutHasGone() {
        var output = folder.resolve("unread");
        var closed =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };

        int code =
                Main.run(
                        new String[] {"train", config.toString(), "--output", output.toString()},
                        InputStream.nullInputStream(),
                        new PrintStream(closed, false, StandardCharsets.UTF_8),
                        new PrintStream(
                                OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                        Map.of("MTL_CACHE", folder.toString()));

        assertThat(code).isZero();
        assertThat(output.resolve("heads/slots/head.safetensors"))
                .hasSameBinaryContentAs(model.resolve("heads/slots/head.safetensors"));
    }

    @Test
    void aModelWithAnUnknownHeadSaysWhichAndWhatToDo() throws IOException {
        var strange = folder.resolve("strange");
        try (var files = Files.walk(model)) {
            for (var file : files.toList()) {
                Files.copy(file, strange.resolve(model.relativize(file).toString()));
            }
        }
        var tasks = strange.resolve("heads/intent/head.json");
        Files.writeString(
                tasks, Files.readString(tasks).replace("\"classification\"", "\"sarcasm\""));

        var call = mtl("predict", "--model", strange.toString(), "text");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("task 'intent' needs the head 'sarcasm'", "--plugins");
    }
}
