package dev.mtl.spark;

import dev.mtl.core.testing.RandomHeads;
import dev.mtl.core.testing.TinyModel;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Spark in the JVM of the tests, and what they read. */
final class LocalSpark {
    static final StructType TEXTS =
            new StructType()
                    .add("id", DataTypes.LongType, false)
                    .add("text", DataTypes.StringType, true)
                    .add("tags", DataTypes.createArrayType(DataTypes.StringType), true);

    private LocalSpark() {}

    /** The session of all tests of this JVM. */
    static SparkSession session() {
        return SparkSession.builder()
                .master("local[2]")
                .appName("tests")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .config("spark.sql.warehouse.dir", "target/warehouse")
                .getOrCreate();
    }

    /** Rows of texts, with a column that has nothing to do with them. */
    static Dataset<Row> rows(List<String> texts) {
        var rows = new ArrayList<Row>();
        for (int i = 0; i < texts.size(); i++) {
            rows.add(RowFactory.create((long) i, texts.get(i), new String[] {"t" + i, null}));
        }
        return session().createDataFrame(rows, TEXTS);
    }

    /** Texts of many lengths. */
    static List<String> texts(int count) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add("play the song " + "in paris ".repeat(i % 7) + i);
        }
        return texts;
    }

    static Path encoder(Path folder) {
        return TinyModel.write(folder, 5, 0.1).path();
    }

    /** A model with tasks of all kinds of predictions. */
    static Path trained(Path folder) {
        var saved = folder.resolve("trained");
        RandomHeads.save(
                TinyModel.write(folder.resolve("backbone"), 7, 0.1),
                saved,
                3,
                RandomHeads.task("intent", "classification", "Ask", "Book", "Play"),
                RandomHeads.task("topics", "multi-label-classification", "art", "food"),
                RandomHeads.task("slots", "token-classification", "O", "B-city", "I-city"),
                RandomHeads.task("stars", "regression", "1"),
                RandomHeads.task("alike", "similarity"));
        return saved;
    }
}
