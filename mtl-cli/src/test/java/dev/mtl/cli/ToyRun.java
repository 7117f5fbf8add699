package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that {@code mtl train} made of {@link ToyTask}'s tiny BERT, and calls on it.
 *
 * @param folder of the test
 * @param model its directory
 * @param training the call that made it
 */
record ToyRun(Path folder, Path model, Call training) {
    /**
     * Trains.
     *
     * @param tasks the {@code tasks} section, in YAML; {@code %1$s} is the folder
     * @param training keys of the {@code training} section
     */
    static ToyRun train(Path folder, String tasks, String training) throws IOException {
        var model = folder.resolve("model");
        var config = ToyTask.configuration(folder, tasks.formatted(folder), training, model);
        var call =
                Call.mtl(folder.resolve("cache"), "train", config.toString(), "--format", "json");
        return new ToyRun(folder, model, call);
    }

    /** The scores of the last evaluation in training, which must not have failed. */
    JsonNode lastScores() {
        assertThat(training.code()).as(training.err()).isZero();
        return training.json().getLast().path("tasks");
    }

    /** Any call of {@code mtl}. */
    Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    /** A call on the model that must not fail. */
    Call onModel(String command, String... more) {
        var args = new ArrayList<>(List.of(command, "--model", model.toString()));
        args.addAll(List.of(more));
        var call = mtl(args.toArray(String[]::new));
        assertThat(call.code()).as(call.err()).isZero();
        return call;
    }

    /**
     * Trains again, into another folder.
     *
     * @param change of the configuration, as {@code --set} takes it
     */
    Call trainWith(String change) {
        return mtl(
                "train",
                folder.resolve("config.yaml").toString(),
                "--output",
                folder.resolve("changed").toString(),
                "--set",
                change);
    }

    /** What the tasks say of a text. */
    JsonNode predict(String text, String... more) {
        var args = new ArrayList<>(List.of(more));
        args.add("--format=json");
        args.add(text);
        return onModel("predict", args.toArray(String[]::new)).json().getFirst().path("tasks");
    }

    /**
     * What the tasks say of JSON lines.
     *
     * @param fields of the texts, with commas between them
     */
    List<JsonNode> predictLines(String fields, String... lines) throws IOException {
        var input = Files.write(folder.resolve("input.jsonl"), List.of(lines));
        return onModel(
                        "predict",
                        "--input",
                        input.toString(),
                        "--text-field=" + fields,
                        "--format=json")
                .json()
                .stream()
                .map(line -> line.path("tasks"))
                .toList();
    }

    /** The export of a task's head: {@code --to onnx} or {@code --to transformers}. */
    Path export(String head, String form) {
        var target = folder.resolve(form);
        onModel("export", "--head", head, "--to", form, target.toString());
        return target;
    }
}
