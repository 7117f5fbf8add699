package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.settings.DataSettings;
import dev.mtl.train.settings.TrainingSettings;
import dev.mtl.train.testing.TokenProvider;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Trainings of a tiny model by the public classes, each of which must leave no tensor behind. */
@ExtendWith(LeavesNoTensorBehind.class)
abstract class JavaTraining {
    static final int STEPS = 6;

    @TempDir Path folder;
    ModelDirectory backbone = new ModelDirectory("", Path.of(""), Path.of(""));

    @BeforeEach
    void writeBackbone() {
        backbone = TinyModel.write(folder.resolve("backbone"), 3, 0.1);
    }

    /** "book the blue room" and "what is the queen for", with the place of "blue" or "queen". */
    static List<Example> examples(int count) {
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
    Path file(String name, List<Example> examples) throws IOException {
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

    TrainingConfiguration configuration(
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

    TrainingConfiguration inMemory(String output) {
        var train = Dataset.of(examples(20));
        var validation = Dataset.of(examples(6));
        return configuration(output, data -> data.train(train).validation(validation), t -> {});
    }

    TrainingResult train(TrainingConfiguration configuration) {
        try (var training = Training.of(configuration, backbone)) {
            return training.run();
        }
    }

    /** The bytes of the weights of a model, of the backbone and of the heads. */
    static Map<String, byte[]> weights(TrainingResult result) throws IOException {
        var weights = new TreeMap<String, byte[]>();
        try (var files = Files.walk(result.model())) {
            for (var file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
                weights.put(result.model().relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        assertThat(weights).hasSize(3);
        return weights;
    }

    static void assertSame(Map<String, byte[]> one, Map<String, byte[]> other) {
        assertThat(one.keySet()).isEqualTo(other.keySet());
        one.forEach((file, bytes) -> assertThat(bytes).as(file).isEqualTo(other.get(file)));
    }
}
