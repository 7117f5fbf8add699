package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener.Step;
import dev.mtl.train.settings.DataSettings.OnBadRow;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** What a training reads, gives and says. */
class TrainingTest extends JavaTraining {
    @Test
    void examplesInMemoryGiveTheBitsOfTheSameRowsInFiles() throws IOException {
        var train = file("train.jsonl", examples(20));
        var validation = file("validation.jsonl", examples(6));
        var ofFiles =
                train(
                        configuration(
                                "files",
                                data -> data.train(train).validation(validation),
                                t -> {}));
        var ofMemory = train(inMemory("memory"));

        assertSame(weights(ofMemory), weights(ofFiles));
        assertThat(ofMemory.scores()).isEqualTo(ofFiles.scores());
    }

    @Test
    void aPartOfTheExamplesInMemoryIsHeldOutAsOfAFile() throws IOException {
        var file = file("train.jsonl", examples(40));
        var dataset = Dataset.of(examples(40));
        var ofFile = train(configuration("f", d -> d.train(file).validationSplit(0.25), t -> {}));
        var ofMemory =
                train(configuration("m", d -> d.train(dataset).validationSplit(0.25), t -> {}));

        assertSame(weights(ofMemory), weights(ofFile));
        assertThat(ofMemory.scores()).isEqualTo(ofFile.scores());
    }

    @Test
    void aBuiltConfigurationGivesTheBitsOfItsYaml() throws IOException {
        var train = file("train.jsonl", examples(20));
        var built = configuration("built", data -> data.train(train), t -> t.bestMetric("mean"));
        var yaml = Files.writeString(folder.resolve("x.yaml"), built.toYaml());
        var read =
                TrainingConfiguration.read(
                        yaml,
                        Map.of(),
                        List.of("output.dir=" + folder.resolve("read")),
                        built.heads());

        assertSame(weights(train(read)), weights(train(built)));
    }

    @Test
    void theResultSaysHowItEndedAndHowGoodTheModelIs() {
        var heard = new ArrayList<Map<String, Map<String, Double>>>();
        try (var training = Training.of(inMemory("model"), backbone)) {
            var steps = new ArrayList<Step>();
            training.onStep(steps::add);
            training.onEvaluation(
                    evaluated -> {
                        if (evaluated.best()) {
                            heard.add(evaluated.evaluation().tasks());
                        }
                    });
            var result = training.run();

            assertThat(steps).extracting(Step::step).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(result.outcome()).isEqualTo(Outcome.FINISHED);
            assertThat(result.steps()).isEqualTo(STEPS);
            assertThat(result.model()).isEqualTo(folder.resolve("model"));
            assertThat(result.run()).isEqualTo(folder.resolve("model.run"));
            assertThat(result.scores()).isEqualTo(heard.getLast());
            assertThat(result.scores()).containsOnlyKeys("side", "words");
            assertThat(result.jointAccuracy()).isPresent();
            assertThat(result.model().resolve("config.yaml"))
                    .content()
                    .contains("train: \"memory:train\"");
        }
    }

    @Test
    void withoutValidationDataThereAreNoScores() {
        var train = Dataset.of(examples(20));
        var result = train(configuration("m", d -> d.train(train), t -> t.bestMetric("mean")));

        assertThat(result.scores()).isEmpty();
        assertThat(result.model()).isDirectoryContaining("glob:**model.safetensors");
    }

    @Test
    void endsEarlyWhenNoModelIsBetter() {
        var train = Dataset.of(examples(20));
        var result =
                train(
                        configuration(
                                "m",
                                d -> d.train(train).validation(train),
                                t ->
                                        t.evaluateEvery("1 step")
                                                .earlyStoppingPatience(1)
                                                .baseLr(1e-9)));

        assertThat(result.outcome()).isEqualTo(Outcome.STOPPED_EARLY);
        assertThat(result.steps()).isLessThan(STEPS);
    }

    @Test
    void runsOnAVirtualThread() throws Exception {
        var task = new FutureTask<>(() -> train(inMemory("virtual")));
        Thread.ofVirtual().start(task);

        assertSame(weights(task.get(60, TimeUnit.SECONDS)), weights(train(inMemory("platform"))));
    }

    @Test
    void whatAListenerThrowsEndsTheTraining() {
        try (var training = Training.of(inMemory("m"), backbone)) {
            training.onStep(
                    step -> {
                        throw new UnsupportedOperationException("enough");
                    });

            assertThatThrownBy(training::run)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("enough");
        }
    }

    @Test
    void tasksOfOneDatasetShareItsTexts() {
        try (var training = Training.of(inMemory("m"), backbone)) {
            var data = training.plan().data();

            assertThat(data).hasSize(1);
            assertThat(data.getFirst().source()).isEqualTo("train");
            assertThat(data.getFirst().tasks()).containsExactly("side", "words");
            assertThat(data.getFirst().examples()).isEqualTo(20);
        }
        assertThat(folder.resolve("m.run")).doesNotExist();
    }

    @Test
    void namesTheExampleThatHasNoTargetForATask() {
        var examples = new ArrayList<>(examples(3));
        examples.add(Example.of("the queen").withLabel("side", "ask"));
        examples.add(Example.of("the queen").withLabel("side", "ask").at("table 7, row 3"));
        var train = Dataset.of("tickets", examples);

        assertThatThrownBy(
                        () ->
                                train(
                                        configuration(
                                                "m",
                                                d -> d.train(train),
                                                t -> t.bestMetric("mean"))))
                .isInstanceOf(BadRowException.class)
                .hasMessage(
                        "tickets:4: has no target for the task 'words', only for [side]"
                                + " (data.on_bad_row: skip leaves such rows out)");
        var plan =
                Training.of(
                                configuration(
                                        "m",
                                        d -> d.train(train).onBadRow(OnBadRow.SKIP),
                                        t -> t.bestMetric("mean")),
                                backbone)
                        .plan();
        assertThat(plan.data().getFirst().examples())
                .as("the task that they have a target for learns from them")
                .isEqualTo(5);
    }

    @Test
    void saysOfDataThatWasInMemoryThatItIsInNoFile() throws IOException {
        var result = train(inMemory("m"));
        var yaml = result.model().resolve("config.yaml");
        var heads = inMemory("m").heads();
        var read = TrainingConfiguration.read(yaml, Map.of(), List.of(), heads);

        assertThatThrownBy(() -> Training.of(read, backbone).overwrite(true).run())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "'memory:train' was in the memory of the program that trained")
                .hasMessageContaining("--set tasks.NAME.data.train=FILE");
        assertThat(Objects.requireNonNull(read.config().tasks().get("words")).head())
                .isEqualTo("tags");
    }
}
