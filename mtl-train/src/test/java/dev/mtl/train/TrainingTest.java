package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener.Step;
import dev.mtl.train.settings.DataSettings;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.settings.TrainingSettings;
import dev.mtl.train.testing.TokenProvider;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Trainings of a tiny model by the public classes, each of which must leave no tensor behind. */
@ExtendWith(LeavesNoTensorBehind.class)
class TrainingTest {
    private static final int STEPS = 6;

    @TempDir private Path folder;
    private ModelDirectory backbone = new ModelDirectory("", Path.of(""), Path.of(""));

    @BeforeEach
    void writeBackbone() {
        backbone = TinyModel.write(folder.resolve("backbone"), 3, 0.1);
    }

    /** "book the blue room" and "what is the queen for", with the place of "blue" or "queen". */
    private static List<Example> examples(int count) {
        var examples = new ArrayList<Example>();
        for (int i = 0; i < count; i++) {
            var before = "the ".repeat(i % 4);
            boolean book = i % 2 == 0;
            var text = before + (book ? "book the blue room" : "what is the queen for");
            int start = text.indexOf(book ? "blue" : "queen");
            int end = text.indexOf(' ', start);
            examples.add(
                    Example.of(text)
                            .withLabel("side", book ? "book" : "ask")
                            .withEntities(
                                    "words",
                                    new Example.Span(start, end, book ? "colour" : "who")));
        }
        return examples;
    }

    /** The same examples as lines of JSON. */
    private Path file(String name, List<Example> examples) throws IOException {
        var lines = new ArrayList<String>();
        for (var example : examples) {
            var text = example.texts().getFirst().text();
            boolean book = text.contains("book");
            int start = text.indexOf(book ? "blue" : "queen");
            lines.add(
                    "{\"text\":\"%s\",\"side\":\"%s\",\"words\":[{\"start\":%d,\"end\":%d,\"label\":\"%s\"}]}"
                            .formatted(
                                    text,
                                    book ? "book" : "ask",
                                    start,
                                    text.indexOf(' ', start),
                                    book ? "colour" : "who"));
        }
        return Files.write(folder.resolve(name), lines);
    }

    private TrainingConfiguration configuration(
            String output, Consumer<DataSettings> data, Consumer<TrainingSettings> more) {
        return TrainingConfiguration.builder()
                .model(model -> model.maxLength(32))
                .task(
                        "side",
                        task ->
                                task.head("majority")
                                        .data(keys -> keys.format("jsonl").column("side"))
                                        .data(data))
                .task(
                        "words",
                        task ->
                                task.head(new TokenProvider())
                                        .data(keys -> keys.format("jsonl").column("words"))
                                        .data(data))
                .training(
                        training ->
                                training.maxSteps(STEPS)
                                        .batchSize(4)
                                        .baseLr(3e-3)
                                        .bestMetric("side.accuracy")
                                        .evaluateEvery("3 steps")
                                        .checkpointEvery("never")
                                        .device("cpu"))
                .training(more)
                .output(keys -> keys.dir(folder.resolve(output)))
                .build();
    }

    private TrainingConfiguration inMemory(String output) {
        var train = Dataset.of(examples(20));
        var validation = Dataset.of(examples(6));
        return configuration(output, data -> data.train(train).validation(validation), t -> {});
    }

    private TrainingResult train(TrainingConfiguration configuration) {
        try (var training = Training.of(configuration, backbone)) {
            return training.run();
        }
    }

    /** The bytes of the weights of a model, of the backbone and of the heads. */
    private static Map<String, byte[]> weights(TrainingResult result) throws IOException {
        var weights = new TreeMap<String, byte[]>();
        try (var files = Files.walk(result.model())) {
            for (var file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
                weights.put(result.model().relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        assertThat(weights).hasSize(3);
        return weights;
    }

    private static void assertSame(Map<String, byte[]> one, Map<String, byte[]> other) {
        assertThat(one.keySet()).isEqualTo(other.keySet());
        one.forEach((file, bytes) -> assertThat(bytes).as(file).isEqualTo(other.get(file)));
    }

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
    void stopsAfterTheStepAndResumesWithTheSameBits() throws IOException {
        var whole = train(inMemory("whole"));
        TrainingResult first;
        try (var training = Training.of(inMemory("parts"), backbone)) {
            assertThat(training.hasCheckpoint()).isFalse();
            training.onStep(
                    step -> {
                        if (step.step() == 3) {
                            training.stop();
                        }
                    });
            first = training.run();
        }
        assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(first.steps()).isEqualTo(3);
        TrainingResult second;
        try (var training = Training.of(inMemory("parts"), backbone)) {
            second = training.resume(training.hasCheckpoint()).run();
        }
        assertThat(second.outcome()).isEqualTo(Outcome.FINISHED);
        assertThat(second.steps()).isEqualTo(STEPS);
        assertSame(weights(second), weights(whole));
        assertThat(second.scores()).isEqualTo(whole.scores());
    }

    @Test
    void aTrainingThatIsStoppedBeforeItsFirstEvaluationHasNoScoresOfAnEarlierModel() {
        train(inMemory("model"));
        try (var training = Training.of(inMemory("model"), backbone)) {
            training.stop();
            var result = training.run();

            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.steps()).isEqualTo(1);
            assertThat(result.scores()).isEmpty();
        }
    }

    @Test
    void otherExamplesInMemoryAreNotResumed() {
        try (var training = Training.of(inMemory("m"), backbone)) {
            training.stop();
            training.run();
        }
        var train = Dataset.of(examples(21));
        var validation = Dataset.of(examples(6));
        var other = configuration("m", d -> d.train(train).validation(validation), t -> {});
        try (var training = Training.of(other, backbone).resume(true)) {
            assertThatThrownBy(training::run)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("the training data has changed");
        }
    }

    @Test
    void withoutACheckpointThereIsNothingToResume() {
        try (var training = Training.of(inMemory("m"), backbone).resume(true)) {
            assertThatThrownBy(training::run)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("there is no checkpoint in");
        }
    }

    @Test
    void anInterruptedThreadGetsTheResultAndStaysInterrupted() {
        try (var training = Training.of(inMemory("m"), backbone)) {
            Thread.currentThread().interrupt();
            var result = training.run();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(training.hasCheckpoint()).isTrue();
        }
    }

    @Test
    void runsOnAVirtualThread() throws Exception {
        var task = new FutureTask<>(() -> train(inMemory("virtual")));
        Thread.ofVirtual().start(task);

        assertSame(weights(task.get(60, TimeUnit.SECONDS)), weights(train(inMemory("platform"))));
    }

    @Test
    void closingEndsARunAndWaitsForIt() throws InterruptedException {
        var outcome = new AtomicReference<Outcome>();
        var training = Training.of(inMemory("m"), backbone);
        training.onStep(step -> training.close()); // on the thread that trains: does not wait
        var thread = Thread.ofPlatform().start(() -> outcome.set(training.run().outcome()));
        thread.join();
        training.close();

        assertThat(outcome.get()).isEqualTo(Outcome.INTERRUPTED);
        assertThatThrownBy(training::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this training has run, or is closed");
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
        assertThat(plan.data().getFirst().examples()).isEqualTo(3);
    }

    @Test
    void saysOfDataThatWasInMemoryThatItIsInNoFile() throws IOException {
        var result = train(inMemory("m"));
        var yaml = result.model().resolve("config.yaml");
        var heads = inMemory("m").heads();
        var read = TrainingConfiguration.read(yaml, Map.of(), List.of(), heads);

        assertThatThrownBy(() -> train(read))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "'memory:train' was in the memory of the program that trained")
                .hasMessageContaining("--set tasks.NAME.data.train=FILE");
        assertThat(Objects.requireNonNull(read.config().tasks().get("words")).head())
                .isEqualTo("tags");
    }
}
