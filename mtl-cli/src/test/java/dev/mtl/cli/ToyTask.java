package dev.mtl.cli;

import dev.mtl.core.testing.TinyModel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A tiny random BERT, data that it can learn within seconds, and their configuration. */
final class ToyTask {
    static final List<String> COLOURS = List.of("blue", "red", "green");

    private ToyTask() {}

    /**
     * Writes all of it.
     *
     * @param training keys of the {@code training} section
     * @param output of the model
     * @return the configuration
     */
    static Path write(Path folder, String training, Path output) throws IOException {
        writeData(folder.resolve("train"), 12);
        writeData(folder.resolve("dev"), 1);
        return configuration(
                folder,
                """
                intent:
                  head: classification
                  data: {format: jointbert, train: "%1$s/train", validation: "%1$s/dev", column: label}
                slots:
                  head: token-classification
                  data: {format: jointbert, train: "%1$s/train", validation: "%1$s/dev", column: seq.out}
                """
                        .formatted(folder),
                training + ", base_lr: 5.0e-3",
                output);
    }

    /**
     * Writes a tiny random BERT and the configuration of some tasks over it.
     *
     * @param tasks the {@code tasks} section, in YAML
     * @param training keys of the {@code training} section
     * @param output of the model
     * @return the configuration
     */
    static Path configuration(Path folder, String tasks, String training, Path output)
            throws IOException {
        return configuration(folder, backbone(folder), 32, tasks, training, output);
    }

    /** The same over another encoder that takes texts of up to {@code maxLength} tokens. */
    static Path configuration(
            Path folder, Path backbone, int maxLength, String tasks, String training, Path output)
            throws IOException {
        return Files.writeString(
                folder.resolve("config.yaml"),
                """
                model: {backbone: "%s", max_length: %d}
                tasks:
                %straining: {%s, batch_size: 8, layer_lr_decay: 1.0, device: cpu}
                output: {dir: "%s"}
                """
                        .formatted(backbone, maxLength, tasks.indent(2), training, output));
    }

    /** A tiny random BERT, written once a folder. */
    static Path backbone(Path folder) {
        var backbone = folder.resolve("backbone");
        return Files.exists(backbone) ? backbone : TinyModel.write(backbone, 7, 0.1).path();
    }

    /** "book the blue room" and "play the red song", the colour is the entity. */
    static void writeData(Path directory, int repeats) throws IOException {
        var texts = new StringBuilder();
        var tags = new StringBuilder();
        var labels = new StringBuilder();
        for (int i = 0; i < repeats; i++) {
            for (var colour : COLOURS) {
                var before = "the ".repeat(i % 6); // so that the place says nothing
                texts.append(before + "book the " + colour + " room\n");
                texts.append(before + "play the " + colour + " song\n");
                tags.repeat("O ".repeat(i % 6) + "O O B-colour O\n", 2);
                labels.append("Book\nPlay\n");
            }
        }
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("seq.in"), texts);
        Files.writeString(directory.resolve("seq.out"), tags);
        Files.writeString(directory.resolve("label"), labels);
    }
}
