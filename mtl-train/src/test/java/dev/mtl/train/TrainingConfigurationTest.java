package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.testing.MajorityProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class TrainingConfigurationTest {
    @TempDir private Path folder;

    private static TrainingConfiguration.Builder withTask() {
        return TrainingConfiguration.builder()
                .task("intent", task -> task.head("majority").data(data -> data.train("a.jsonl")));
    }

    @Test
    void mistakesHaveTheMessagesOfYamlWithoutALine() throws IOException {
        var file =
                write(
                        """
                        model: {max_length: 2}
                        tasks:
                          intent: {head: majorty, data: {train: a}}
                          topic: {head: majority, margin: 2, tie: true, data: {format: cvs, train: a}}
                          slots: {head: majority, margin: x, data: {column: label}}
                        training: {epochs: 0, freezing: {heads: [intnt]}, best_metric: f1}
                        output: {dir: " "}
                        """);
        var built =
                TrainingConfiguration.builder()
                        .model(model -> model.maxLength(2))
                        .task("intent", task -> task.head("majorty").data(data -> data.train("a")))
                        .task(
                                "topic",
                                task ->
                                        task.head("majority")
                                                .set("margin", 2)
                                                .set("tie", true)
                                                .data(data -> data.format("cvs").train("a")))
                        .task(
                                "slots",
                                task ->
                                        task.head("majority")
                                                .set("margin", "x")
                                                .data(data -> data.column("label")))
                        .training(
                                training ->
                                        training.epochs(0)
                                                .freezing(freezing -> freezing.heads("intnt"))
                                                .bestMetric("f1"))
                        .output(output -> output.dir(" "));
        var ofYaml = message(() -> TrainingConfiguration.read(file));

        assertThat(message(built::build))
                .isEqualTo(ofYaml.replaceAll("(?m)^" + file + ":\\d+: ", ""))
                .contains("tasks.intent.head: no head 'majorty'; known: majority")
                .contains("training: epochs is 0, it must be at least 1")
                .contains("tasks.slots.margin: takes a number, not 'x'");
        assertThat(ofYaml.lines()).hasSizeGreaterThan(7);
    }

    private static String message(Runnable call) {
        try {
            call.run();
        } catch (ConfigurationException e) {
            return Objects.requireNonNull(e.getMessage());
        }
        throw new AssertionError("no mistake was found");
    }

    @Test
    void rejectsAValueThatYamlCannotHave() {
        assertThatThrownBy(
                        () -> withTask().task("intent", t -> t.set("margin", new Object())).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("tasks.intent.margin: takes a Boolean, a number")
                .hasMessageContaining("not a java.lang.Object");
    }

    @Test
    void changesTheKeysOfAFile() throws IOException {
        var file =
                write(
                        """
                        tasks: {intent: {head: majority, margin: 0.5, data: {train: a, validation: b}}}
                        training: {epochs: 2, seed: 5}
                        """);
        var changed =
                TrainingConfiguration.builder()
                        .from(file)
                        .task("intent", task -> task.data(data -> data.validation("c")))
                        .training(training -> training.epochs(9))
                        .build();
        var expected =
                TrainingConfiguration.read(
                        file,
                        Map.of(),
                        List.of("training.epochs=9", "tasks.intent.data.validation=c"),
                        HeadRegistry.load());

        assertThat(changed.config()).isEqualTo(expected.config());
        assertThatThrownBy(
                        () ->
                                TrainingConfiguration.builder()
                                        .from(file)
                                        .training(training -> training.set("epoch", 3))
                                        .build())
                .hasMessageContaining("training.epoch: no such key")
                .hasMessageContaining("did you mean 'epochs'?");
    }

    @Test
    void takesTheSettingsOfAHeadAsItsRecord() {
        var config =
                withTask()
                        .task(
                                "intent",
                                task -> task.settings(new MajorityProvider.Settings(0.75, false)))
                        .build();

        assertThat(Objects.requireNonNull(config.config().tasks().get("intent")).settings())
                .isEqualTo(new MajorityProvider.Settings(0.75, false));
    }

    @Test
    void takesAHeadThatNoServiceFileNames() {
        var provider = new MajorityProvider("rare");
        var config =
                withTask().task("intent", task -> task.head(provider).set("margin", 0.5)).build();

        assertThat(config.heads().provider("rare")).isSameAs(provider);
        assertThat(config.toYaml()).contains("    head: \"rare\"\n    loss_weight");
    }

    @Test
    void aHeadGivenAsAnObjectTakesThePlaceOfTheRegisteredOneOfItsClass() {
        var provider = new MajorityProvider();

        assertThat(
                        withTask()
                                .task("intent", t -> t.head(provider))
                                .build()
                                .heads()
                                .provider("majority"))
                .isSameAs(provider);
    }

    @Test
    void dataInMemoryHasANameInsteadOfAFile() {
        var examples = Dataset.of(List.of(Example.of("a").withLabel("intent", "x")));
        var named = Dataset.of("tickets", examples.examples());
        var config =
                TrainingConfiguration.builder()
                        .task(
                                "intent",
                                t ->
                                        t.head("majority")
                                                .data(d -> d.train(examples).validation(named)))
                        .task(
                                "topic",
                                t ->
                                        t.head("majority")
                                                .data(
                                                        d ->
                                                                d.train(examples)
                                                                        .validation(
                                                                                Dataset.of(
                                                                                        "tickets",
                                                                                        List
                                                                                                .of()))))
                        .build();

        assertThat(config.inMemory().keySet())
                .containsExactlyInAnyOrder("memory:train", "memory:tickets", "memory:tickets-2");
        assertThat(config.toYaml())
                .containsOnlyOnce("validation: \"memory:tickets\"")
                .containsOnlyOnce("validation: \"memory:tickets-2\"")
                .contains("train: \"memory:train\"");
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("x.yaml"), yaml);
    }
}
