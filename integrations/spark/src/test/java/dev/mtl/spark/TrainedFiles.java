package dev.mtl.spark;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.train.Training;
import dev.mtl.train.TrainingConfiguration;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A small training: its configuration, its rows, and what the command writes for them. */
final class TrainedFiles {
    private static final StructType ROWS =
            new StructType()
                    .add("words", DataTypes.createArrayType(DataTypes.StringType), false)
                    .add("intent", DataTypes.StringType, true)
                    .add("tags", DataTypes.createArrayType(DataTypes.StringType), false)
                    .add("held_out", DataTypes.BooleanType, true);

    private TrainedFiles() {}

    /** Writes a backbone and a configuration that reads the rows. */
    static Path configuration(Path folder) throws IOException {
        TinyModel.write(folder.resolve("backbone"), 7, 0.1);
        return Files.writeString(
                folder.resolve("tickets.yaml"),
                """
                model: {backbone: "%s", max_length: 32}
                tasks:
                  intent:
                    head: classification
                    data: {format: parquet, train: "${TRAIN_ROWS}", validation: "${VALIDATION_ROWS}",
                           text_column: words, column: intent}
                  slots:
                    head: token-classification
                    data: {format: parquet, train: "${TRAIN_ROWS}", validation: "${VALIDATION_ROWS}",
                           text_column: words, column: tags}
                training:
                  max_steps: 30
                  batch_size: 3
                  gradient_accumulation_steps: 5
                  base_lr: 3.0e-3
                  evaluate_every: 10 steps
                  checkpoint_every: 6 steps
                output: {dir: "%s"}
                """
                        .formatted(folder.resolve("backbone"), folder.resolve("output")));
    }

    /** Every fifth row is held out. */
    static Dataset<Row> rows(SparkSession session, int count) {
        var rows = new ArrayList<Row>();
        for (int i = 0; i < count; i++) {
            var words = List.of("play", "the", i % 3 == 0 ? "queen" : "song", "in", "paris");
            rows.add(
                    RowFactory.create(
                            words.toArray(),
                            i % 3 == 0 ? "artist" : "song",
                            new String[] {"O", "O", i % 3 == 0 ? "B-artist" : "O", "O", "B-city"},
                            i % 5 == 4));
        }
        return session.createDataFrame(rows, ROWS).repartition(1).coalesce(1);
    }

    /** What {@code mtl train} writes for the same rows, in one process. */
    static Map<String, Integer> ofTheCommand(Path yaml, Dataset<Row> rows, Path folder) {
        rows.filter("held_out").write().parquet(folder + "/validation");
        rows.filter("not held_out").write().parquet(folder + "/train");
        var model = folder.resolve("model");
        var config =
                TrainingConfiguration.read(
                        yaml,
                        Map.of(
                                "TRAIN_ROWS",
                                folder + "/train/*.parquet",
                                "VALIDATION_ROWS",
                                folder + "/validation/*.parquet"),
                        List.of("output.dir=" + model),
                        HeadRegistry.load());
        try (var training = Training.of(config)) {
            training.run();
        }
        return of(model);
    }

    /** Checksums of a model's files, by name; not of the configuration, which names the folders. */
    static Map<String, Integer> of(Path model) {
        var contents = new TreeMap<String, Integer>();
        try (var files = Files.walk(model)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = model.relativize(file).toString();
                if (!name.equals("config.yaml") && !name.endsWith(".crc")) {
                    contents.put(name, Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return contents;
    }
}
