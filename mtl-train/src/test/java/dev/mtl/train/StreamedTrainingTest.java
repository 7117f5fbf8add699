package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.settings.DataSettings;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.settings.FreezingSettings.Policy;
import dev.mtl.train.settings.TrainingSettings;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Trainings whose data is read again in each epoch. */
class StreamedTrainingTest extends JavaTraining {
    private static final int ROWS = 50;
    private static final int STEPS_OF_TWO_EPOCHS = 26;

    private static Consumer<DataSettings> streamed(Path train) {
        return data -> data.train(train).streaming(true).bufferSize(7);
    }

    private TrainingConfiguration config(
            String output, Consumer<DataSettings> data, Consumer<TrainingSettings> more) {
        return configuration(
                output,
                data,
                training -> {
                    training.bestMetric("mean").maxSteps(STEPS_OF_TWO_EPOCHS);
                    training.checkpointEvery("4 steps");
                    more.accept(training);
                });
    }

    private Path rows() throws IOException {
        return file("train.jsonl", examples(ROWS));
    }

    /** Trains until a step is done, or to the end. */
    private TrainingResult train(TrainingConfiguration config, boolean resume, int until) {
        try (var training = Training.of(config, backbone)) {
            training.resume(resume);
            training.onStep(
                    step -> {
                        if (step.step() == until) {
                            training.stop();
                        }
                    });
            return training.run();
        }
    }

    private static Map<String, List<String>> labels(
            TrainingConfiguration config, TrainingResult result) {
        var labels = new LinkedHashMap<String, List<String>>();
        ModelFiles.describe(result.model(), config.heads())
                .tasks()
                .forEach((name, task) -> labels.put(name, task.labels()));
        return labels;
    }

    @Test
    void headsLearnTheLabelsThatTheyLearnInMemory() throws IOException {
        var file = rows();
        var streamed = config("streamed", streamed(file), t -> t.maxSteps(2));
        var inMemory = config("memory", data -> data.train(file), t -> t.maxSteps(2));

        assertThat(labels(streamed, train(streamed)))
                .isEqualTo(labels(inMemory, train(inMemory)))
                .containsEntry("words", List.of("B-colour", "B-who", "O"));
    }

    @Test
    void aRunThatWasStoppedWithinAnEpochGoesOnBitForBit() throws IOException {
        var data = streamed(rows());
        var whole = train(config("whole", data, t -> t.workers(2)));
        var first = train(config("parts", data, t -> t.workers(2)), false, 17);
        assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(first.run().resolve("streams.json")).exists();
        var second = train(config("parts", data, t -> t.workers(1)), true, -1);

        assertThat(second.steps()).isEqualTo(STEPS_OF_TWO_EPOCHS);
        assertSame(weights(second), weights(whole));
    }

    @Test
    void rowsThatAreLeftOutDoNotMoveThePlaceThatARunGoesOnFrom() throws IOException {
        var file = rows();
        var lines = new ArrayList<>(Files.readAllLines(file));
        lines.set(5, "{\"text\": \"no label\"}");
        lines.set(20, "not JSON");
        Files.write(file, lines);
        Consumer<DataSettings> data = keys -> streamed(file).accept(keys.onBadRow(OnBadRow.SKIP));
        var whole = train(config("whole", data, t -> {}));
        train(config("parts", data, t -> {}), false, 15);

        assertSame(weights(train(config("parts", data, t -> {}), true, -1)), weights(whole));
    }

    @Test
    void anyNumberOfWorkersGivesTheSameBits() throws IOException {
        var data = streamed(rows());
        assertSame(
                weights(train(config("one", data, t -> t.workers(1)))),
                weights(train(config("two", data, t -> t.workers(2)))));
    }

    @Test
    void examplesOfAProgramGiveTheBitsOfTheSameRowsInAFile() throws IOException {
        Iterable<Example> examples = () -> examples(ROWS).iterator();
        var ofMemory =
                train(
                        config(
                                "memory",
                                data -> data.train(examples).streaming(true).bufferSize(7),
                                t -> {}));
        assertSame(weights(ofMemory), weights(train(config("file", streamed(rows()), t -> {}))));
    }

    @Test
    void examplesThatCanBeIteratedOnlyOnceAreRefused() {
        for (var once :
                List.<Iterable<Example>>of(
                        examples(ROWS).stream()::iterator, justOnce(examples(ROWS)))) {
            var config = config("once", data -> data.train(once).streaming(true), t -> {});
            assertThatThrownBy(() -> train(config))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("the examples 'train' can be iterated only once")
                    .hasMessageContaining("leave data.streaming out");
        }
    }

    private static Iterable<Example> justOnce(List<Example> examples) {
        var iterator = examples.iterator();
        return () -> iterator;
    }

    @Test
    void examplesThatCanBeIteratedOnlyOnceAreKeptInMemoryWithoutStreaming() throws IOException {
        Iterable<Example> once = examples(ROWS).stream()::iterator;
        var ofIterable = train(config("i", data -> data.train(once).validationSplit(0.2), t -> {}));
        var file = rows();
        var ofFile = train(config("f", data -> data.train(file).validationSplit(0.2), t -> {}));
        assertSame(weights(ofIterable), weights(ofFile));
    }

    @Test
    void aFileThatHasChangedIsNotResumed() throws IOException {
        var file = rows();
        train(config("run", streamed(file), t -> {}), false, 5);
        var text = Files.readString(file);
        Files.writeString(file, text + text.lines().findFirst().orElseThrow() + "\n");
        assertThatThrownBy(() -> train(config("run", streamed(file), t -> {}), true, -1))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the training data has changed since the run began: " + file)
                .hasMessageContaining("bytes then, ");

        Files.writeString(file, text.replaceFirst("room", "moor"));
        later(file);
        assertThatThrownBy(() -> train(config("run", streamed(file), t -> {}), true, -1))
                .hasMessageContaining(file + ": the same number of rows, but others");

        Files.writeString(file, text);
        later(file);
        assertThat(train(config("run", streamed(file), t -> {}), true, -1).steps())
                .isEqualTo(STEPS_OF_TWO_EPOCHS);
    }

    private static void later(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(4_000_000_000_000L));
    }

    @Test
    void aBadRowIsNamedBeforeTraining() throws IOException {
        var file = rows();
        var lines = new ArrayList<>(Files.readAllLines(file));
        lines.set(41, "not JSON");
        Files.write(file, lines);
        assertThatThrownBy(() -> train(config("run", streamed(file), t -> {})))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("train.jsonl:42: is not JSON");
    }

    /** The first epoch has read its file when the first step is done: it is small. */
    private void assertFails(Path file, List<String> later, String message) {
        try (var training = Training.of(config("run", streamed(file), t -> {}), backbone)) {
            training.overwrite(true);
            training.onStep(
                    step -> {
                        if (step.step() == 2) {
                            write(file, later);
                        }
                    });
            assertThatThrownBy(training::run)
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining(message);
        }
    }

    private static void write(Path file, List<String> lines) {
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatTheBackgroundCannotReadEndsTrainingWithFileAndLine() throws IOException {
        var file = rows();
        var lines = new ArrayList<>(Files.readAllLines(file));
        lines.set(30, "not JSON");
        assertFails(file, lines, "train.jsonl:31: is not JSON");
        assertFails(rows(), lines.subList(0, 20), "had 50 rows, has 20");
    }

    @Test
    void tasksThatShareRowsMustAgree() throws IOException {
        var file = rows();
        assertThatThrownBy(
                        () ->
                                train(
                                        TrainingConfiguration.builder()
                                                .from(
                                                        Files.writeString(
                                                                folder.resolve("x.yaml"),
                                                                config("x", streamed(file), t -> {})
                                                                        .toYaml()
                                                                        .replaceFirst(
                                                                                "buffer_size: 7",
                                                                                "buffer_size: 8")))
                                                .heads(config("x", streamed(file), t -> {}).heads())
                                                .build()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("tasks.side and tasks.words read " + file + " together")
                .hasMessageContaining("data.buffer_size");
    }

    @Test
    void aFrozenBackboneRunsInEachEpoch() throws IOException {
        var notes = new ArrayList<String>();
        var config =
                config(
                        "frozen",
                        streamed(rows()),
                        t -> t.freezing(keys -> keys.policy(Policy.BACKBONE)));
        try (var training = Training.of(config, backbone)) {
            training.onNote(notes::add);
            training.run();
        }
        assertThat(notes).anyMatch(note -> note.startsWith("the features of streamed texts"));
    }

    @Test
    void aPartIsHeldOutAsInMemory() throws IOException {
        var file = rows();
        var streamed =
                config(
                        "streamed",
                        data -> streamed(file).accept(data.validationSplit(0.2)),
                        t -> t.bestMetric("side.accuracy"));
        var inMemory =
                config(
                        "memory",
                        data -> data.train(file).validationSplit(0.2),
                        t -> t.bestMetric("side.accuracy"));
        try (var one = Training.of(streamed, backbone);
                var other = Training.of(inMemory, backbone)) {
            var plan = one.plan();
            assertThat(plan.data().getFirst().examples())
                    .isEqualTo(other.plan().data().getFirst().examples())
                    .isLessThan(ROWS);
            assertThat(plan.stepsPerEpoch()).isEqualTo(other.plan().stepsPerEpoch());
        }
        assertThat(train(streamed).scores()).containsOnlyKeys("side", "words");
    }
}
