package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/** What {@code mtl predict} prints besides each task's answer, on one trained model. */
class PredictOptionsTest {
    private static final String TEXT = "book the blue room";

    @TempDir static Path folder;
    private static Path model = Path.of("");

    @BeforeAll
    static void train() throws IOException {
        model = folder.resolve("runs/model");
        var config = ToyTask.write(folder, "epochs: 1", model);
        assertThat(mtl("train", config.toString()).code()).isZero();
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    private static Call predict(String... options) {
        var args = new String[options.length + 4];
        args[0] = "predict";
        args[1] = "--model";
        args[2] = model.toString();
        System.arraycopy(options, 0, args, 3, options.length);
        args[args.length - 1] = TEXT;
        return mtl(args);
    }

    @Test
    void theBestLabelsAndTheEmbeddingComeFromTheSamePass() {
        var call = predict("--format", "json", "--top-k", "2", "--embedding");

        assertThat(call.code()).as(call.err()).isZero();
        var json = call.json().getFirst();
        var intent = json.at("/tasks/intent");
        assertThat(intent.path("labels")).hasSize(2);
        assertThat(intent.at("/labels/0/label")).isEqualTo(intent.path("label"));
        assertThat(intent.at("/labels/0/score").asDouble())
                .isGreaterThanOrEqualTo(intent.at("/labels/1/score").asDouble());
        assertThat(json.path("embedding")).hasSize(TinyModel.HIDDEN);
        assertThat(json.at("/tasks/slots").has("labels")).isFalse();
    }

    @Test
    void onlyTheTasksThatAreNamedPredict() {
        var json = predict("--format", "json", "--tasks", "slots").json().getFirst();

        assertThat(json.path("tasks").fieldNames()).toIterable().containsExactly("slots");
        assertThat(json.has("embedding")).isFalse();
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertThat(predict("--tasks", "slot").err())
                .isEqualTo("mtl: no task 'slot'; this model has intent, slots\n");
        assertThat(predict("--top-k", "2").err()).isEqualTo("mtl: --top-k needs --format json\n");
        assertThat(predict("--embedding").code()).isEqualTo(2);
        assertThat(predict("--format", "json", "--top-k", "0").err())
                .isEqualTo("mtl: --top-k 0: a positive integer\n");
    }

    @Test
    void anEncoderIsNamedAsOne() {
        var call = mtl("predict", "--model", "all-MiniLM-L6-v2", TEXT);

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err())
                .isEqualTo(
                        "mtl: --model all-MiniLM-L6-v2 is an encoder, without tasks: mtl embed"
                                + " --model all-MiniLM-L6-v2 computes its embeddings, and mtl train"
                                + " adds tasks to it\n");
    }
}
