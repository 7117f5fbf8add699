package dev.mtl.bench.trust;

import dev.mtl.core.testing.TinyModel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A training that takes seconds on one core: a random BERT of two layers and hidden size 32, random
 * sentences, a head for the whole sentence and one for its words.
 */
final class TinyRun {
    private static final List<String> WORDS =
            List.of(
                    ("the play queen book room blue weather in paris for monday what is song red"
                                    + " green")
                            .split(" "));
    private static final List<String> COLOURS = List.of("red", "green", "blue");

    private TinyRun() {}

    /** Writes backbone, data and configuration into a folder, and gives the configuration. */
    static Path write(Path folder) throws IOException {
        var absolute = folder.toAbsolutePath();
        TinyModel.write(absolute.resolve("backbone"), 7, 0.1);
        writeData(absolute.resolve("train"), 64, 1);
        writeData(absolute.resolve("dev"), 16, 2);
        return Files.writeString(absolute.resolve("config.yaml"), config(absolute));
    }

    /** Checkpoints replace each other at each second step, best models at some of the third. */
    private static String config(Path folder) {
        return """
        model: {backbone: "%1$s/backbone", max_length: 32}
        tasks:
          intent:
            head: classification
            data: {format: jointbert, train: "%1$s/train", validation: "%1$s/dev", column: label}
          slots:
            head: token-classification
            data: {format: jointbert, train: "%1$s/train", validation: "%1$s/dev", column: seq.out}
        training:
          max_steps: 12
          evaluate_every: 3 steps
          checkpoint_every: 2 steps
          keep_checkpoints: 1
          batch_size: 8
          base_lr: 5.0e-3
          device: cpu
        output: {dir: "%1$s/model"}
        """
                .formatted(folder);
    }

    /** Sentences of 1 to {@code most} words. */
    static List<String> texts(int count, int most, long seed) {
        var random = new Random(seed);
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var words = new ArrayList<String>();
            for (int left = random.nextInt(1, most + 1); left > 0; left--) {
                words.add(WORDS.get(random.nextInt(WORDS.size())));
            }
            texts.add(String.join(" ", words));
        }
        return texts;
    }

    private static void writeData(Path directory, int count, long seed) throws IOException {
        var texts = texts(count, 20, seed);
        var tags = new ArrayList<String>();
        for (var text : texts) {
            var words = new ArrayList<String>();
            for (var word : text.split(" ", -1)) {
                words.add(COLOURS.contains(word) ? "B-colour" : "O");
            }
            tags.add(String.join(" ", words));
        }
        Files.createDirectories(directory);
        Files.write(directory.resolve("seq.in"), texts);
        Files.write(directory.resolve("seq.out"), tags);
        Files.write(
                directory.resolve("label"),
                texts.stream().map(text -> text.contains("book") ? "Book" : "Play").toList());
    }
}
