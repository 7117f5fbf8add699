package org.example;

import dev.mtl.core.store.ModelStore;
import dev.mtl.train.Training;
import dev.mtl.train.TrainingConfiguration;
import dev.mtl.train.TrainingResult;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.nio.file.Path;
import java.util.List;

/** The training programs of {@code docs/java.md}; they see MTL's exported packages only. */
public final class UsingTraining {
    private final ModelStore store;

    public UsingTraining(ModelStore store) {
        this.store = store;
    }

    public TrainingResult train(Path file) {
        var config = TrainingConfiguration.read(file);
        try (var training = Training.of(config, store)) {
            training.onStep(
                    step -> System.out.printf("step %d, loss %.3f%n", step.step(), step.loss()));
            training.onEvaluation(evaluated -> System.out.println(evaluated.evaluation().tasks()));
            return training.run();
        }
    }

    public Dataset examples() {
        return Dataset.of(
                List.of(
                        Example.of("book the blue room")
                                .withLabel("intent", "book")
                                .withEntities("slots", new Example.Span(9, 13, "colour")),
                        Example.of("play the red song")
                                .withLabel("intent", "play")
                                .withEntities("slots", new Example.Span(9, 12, "colour"))));
    }

    public TrainingConfiguration configuration(String backbone, Path directory) {
        var examples = examples();
        return TrainingConfiguration.builder()
                .model(model -> model.backbone(backbone).maxLength(64))
                .task(
                        "intent",
                        task ->
                                task.head("classification")
                                        .set("label_smoothing", 0.1)
                                        .data(data -> data.train(examples)))
                .task(
                        "slots",
                        task ->
                                task.head("token-classification")
                                        .data(data -> data.train(examples)))
                .training(training -> training.epochs(5).batchSize(32).baseLr(2e-4))
                .output(output -> output.dir(directory))
                .build();
    }

    public TrainingResult trainOn(TrainingConfiguration config, int steps) {
        try (var training = Training.of(config, store)) {
            training.resume(training.hasCheckpoint());
            training.onStep(
                    step -> {
                        if (step.step() == steps) {
                            training.stop();
                        }
                    });
            return training.run();
        }
    }
}
