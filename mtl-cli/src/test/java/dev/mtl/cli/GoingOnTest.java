package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.weights.SafetensorsReader;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code model.init_from}: trainings that go on from a trained model. */
class GoingOnTest {
    private static final String[] TEXTS = {"book the blue room", "play the green song", "", "what"};

    @TempDir static Path folder;
    private static Path old = Path.of("");

    @BeforeAll
    static void trainTheFirstModel() throws IOException {
        old = folder.resolve("old");
        var config = ToyTask.write(folder, "max_steps: 30, seed: 5", old);
        assertSuccess(mtl("train", config.toString()));
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    private static Call assertSuccess(Call call) {
        assertThat(call.code()).as(call.err()).isZero();
        return call;
    }

    /** Writes a configuration, whose tasks are in YAML. */
    private static Path config(String model, String tasks, String training, String output)
            throws IOException {
        return Files.writeString(
                folder.resolve(output + ".yaml"),
                """
                model: {%s}
                tasks:
                %straining: {%s, batch_size: 8, device: cpu, seed: 5}
                output: {dir: "%s"}
                """
                        .formatted(model, tasks.indent(2), training, folder.resolve(output)));
    }

    private static String fromOld() {
        return "init_from: \"" + old + "\"";
    }

    private static String task(String name, String data) {
        return "%s: {head: classification, data: {format: jointbert, train: \"%s\", column: label}}"
                .formatted(name, folder.resolve(data));
    }

    private static String answers(Path model, String tasks) {
        var args = new ArrayList<>(List.of("predict", "--model", model.toString()));
        args.addAll(List.of("--tasks", tasks, "--top-k", "2", "--format", "json", "--"));
        args.addAll(Arrays.asList(TEXTS));
        return assertSuccess(mtl(args.toArray(String[]::new))).out();
    }

    private static float[] weights(Path model, String task, String parameter) throws IOException {
        var file = model.resolve("heads/" + task + "/head.safetensors");
        try (var reader = SafetensorsReader.open(file);
                var _ = dev.mtl.torch.TensorScope.open()) {
            return dev.mtl.core.nn.io.ParameterReader.read(
                            reader, parameter, reader.tensors().get(parameter).shape())
                    .toFloats();
        }
    }

    @Test
    void anAddedTaskLeavesTheOthersAnswersUnchangedBitForBitUnderAFrozenBackbone()
            throws IOException {
        var config =
                config(
                        fromOld(),
                        "intent: {}\nslots: {}\n" + task("verb", "train"),
                        "max_steps: 20, base_lr: 5.0e-3, freezing: {policy: backbone}",
                        "added");

        var plan = assertSuccess(mtl("train", config.toString(), "--plan", "--format", "json"));
        var notes = new ArrayList<String>();
        plan.json().getFirst().path("notes").forEach(note -> notes.add(note.asText()));
        assertThat(notes)
                .contains(
                        old + ": the head of intent is kept",
                        old + ": the head of slots is kept",
                        old + ": the head of verb is new");

        var training = assertSuccess(mtl("train", config.toString()));
        var model = folder.resolve("added");
        assertThat(training.err()).contains("mtl: " + old + ": the head of verb is new");
        assertThat(answers(model, "intent,slots")).isEqualTo(answers(old, "intent,slots"));
        assertThat(answers(model, "verb")).contains("\"Book\"");
        for (var task : List.of("intent", "slots")) {
            var head = "heads/" + task + "/head.safetensors";
            assertThat(Files.mismatch(old.resolve(head), model.resolve(head))).isEqualTo(-1);
        }
        var facts = new JsonMapper().readTree(model.resolve("mtl.json").toFile());
        assertThat(facts.at("/init_from/kept").toString()).isEqualTo("[\"intent\",\"slots\"]");
        assertThat(facts.at("/init_from/added").toString()).isEqualTo("[\"verb\"]");
        assertThat(facts.path("backbone"))
                .isEqualTo(
                        new JsonMapper()
                                .readTree(old.resolve("mtl.json").toFile())
                                .path("backbone"));
        assertThat(model.resolve("README.md"))
                .content()
                .contains(
                        "from the trained model `old`; kept heads: intent, slots; new heads: verb");
    }

    @Test
    void keptHeadsLearnFromNewDataAndOthersAreDropped() throws IOException {
        var config =
                config(fromOld(), task("intent", "train"), "max_steps: 5, base_lr: 1.0e-3", "on");

        var training = assertSuccess(mtl("train", config.toString()));

        assertThat(training.err())
                .contains(
                        old + ": the head of intent is kept\n",
                        old + ": the head of slots is dropped\n");
        assertThat(folder.resolve("on/heads/slots")).doesNotExist();
        assertThat(weights(folder.resolve("on"), "intent", "weight"))
                .isNotEqualTo(weights(old, "intent", "weight"));
        assertThat(answers(folder.resolve("on"), "intent")).contains("\"Play\"");
    }

    @Test
    void moreLabelsKeepTheRowsOfThoseThatTheHeadKnows() throws IOException {
        var more = folder.resolve("more");
        ToyTask.writeData(more, 2);
        var labels = Files.readString(more.resolve("label")).replaceFirst("Book", "Ask");
        Files.writeString(more.resolve("label"), labels);
        var config =
                config(fromOld(), task("intent", "more"), "freezing: {policy: full}", "labels");

        var training = assertSuccess(mtl("train", config.toString()));

        assertThat(training.err())
                .contains("intent is kept, with 1 new labels: Ask")
                .contains("the head of intent is frozen: its new labels Ask keep random weights");
        var before = weights(old, "intent", "weight");
        var after = weights(folder.resolve("labels"), "intent", "weight");
        assertThat(after).hasSize(before.length * 3 / 2).startsWith(before);
        assertThat(folder.resolve("labels/heads/intent/head.json"))
                .content()
                .containsPattern("\"labels\"\\s*:\\s*\\[\\s*\"Book\",\\s*\"Play\",\\s*\"Ask\"");
    }

    @Test
    void aTrainedModelAsBackboneSaysThatItsHeadsAreDropped() throws IOException {
        var config =
                config(
                        "backbone: \"" + old + "\", max_length: 32",
                        task("intent", "train"),
                        "max_steps: 1",
                        "dropped");

        assertThat(assertSuccess(mtl("train", config.toString(), "--plan")).out())
                .contains(
                        "note: model.backbone " + old + " is a trained model: only its encoder is",
                        "used, the heads of intent, slots are dropped; model.init_from: " + old);
    }

    /** Else a head would begin as the one that the encoder was trained with. */
    @Test
    void aNewHeadOnATrainedEncoderIsNotDrawnAsTheOldOneWas() throws IOException {
        var raw =
                config(
                        "max_length: 32, backbone: \"" + folder.resolve("backbone") + "\"",
                        task("intent", "train"),
                        "freezing: {policy: full}",
                        "raw");
        assertSuccess(mtl("train", raw.toString()));
        var again =
                config(
                        "max_length: 32, backbone: \"" + folder.resolve("raw") + "\"",
                        task("intent", "train"),
                        "freezing: {policy: full}",
                        "again");
        assertSuccess(mtl("train", again.toString()));

        var first = weights(folder.resolve("raw"), "intent", "weight");
        assertThat(weights(folder.resolve("again"), "intent", "weight"))
                .hasSize(first.length)
                .isNotEqualTo(first);
    }

    @Test
    void whatIsNoTrainedModelIsRefused() throws IOException {
        var encoder = folder.resolve("backbone");
        var config =
                config(
                        "init_from: \"" + encoder + "\"",
                        task("intent", "train"),
                        "epochs: 1",
                        "no");
        var call = mtl("train", config.toString());
        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("model.init_from: " + encoder + " is not a trained model");

        var onto =
                mtl(
                        "train",
                        config.toString(),
                        "--output",
                        old.toString(),
                        "--set",
                        "model.init_from=" + old,
                        "--overwrite");
        assertThat(onto.code()).isEqualTo(2);
        assertThat(onto.err()).contains("model.init_from and output.dir are both " + old);
    }

    @Test
    void aModelWhoseTasksHaveAdaptersOfTheirOwnIsRefused() throws IOException {
        var adapted = folder.resolve("adapted");
        assertSuccess(
                mtl(
                        "train",
                        config(
                                        "backbone: \""
                                                + folder.resolve("backbone")
                                                + "\", max_length: 32",
                                        task("intent", "train"),
                                        "max_steps: 1, adapter: {type: lora, per_task: true}",
                                        "adapted")
                                .toString()));
        var config =
                config(
                        "init_from: \"" + adapted + "\"",
                        task("intent", "train"),
                        "max_steps: 1",
                        "after-adapted");

        var training = mtl("train", config.toString());

        assertThat(training.code()).isEqualTo(2);
        assertThat(training.err())
                .contains(
                        "model.init_from: each task of " + adapted + " has an adapter of its own");
    }
}
