package dev.mtl.spark;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.nn.Precision;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows a second of {@link MtlEmbedder} in {@code local[2]}, from Parquet to Parquet and from
 * Parquet to nowhere, beside {@link SentenceEncoder} on the same texts with two threads. The rounds
 * of the three take turns.
 */
final class CorpusRates {
    private static final int THREADS = 2;
    private static final int PLAIN_CALL = 1 << 16;

    private CorpusRates() {}

    /**
     * Takes a model, a file with a text a line, the number of rows, of partitions and of rounds,
     * the precision, and an empty folder. With a number of rows for the plain interface, too, it
     * has these before and after each round, which is then from Parquet to Parquet only.
     */
    public static void main(String[] args) throws IOException {
        var lines = Files.readAllLines(Path.of(args[1]));
        int rows = Integer.parseInt(args[2]);
        int partitions = Integer.parseInt(args[3]);
        int rounds = Integer.parseInt(args[4]);
        var precision = args[5];
        var folder = Path.of(args[6]);
        var embedder =
                new MtlEmbedder()
                        .setModel(args[0])
                        .setInputCol("text")
                        .setDevice("cpu")
                        .setPrecision(precision);

        var corpus = folder.resolve("texts").toString();
        write(lines, rows, partitions, corpus);
        var embedded = embedder.transform(LocalSpark.session().read().parquet(corpus));
        embedded.limit(100).count();
        System.out.println(embedded.queryExecution().explainString(mode("simple")));

        var options =
                EncoderOptions.defaults()
                        .withWorkers(THREADS)
                        .withPrecision(Precision.valueOf(precision.toUpperCase(Locale.ROOT)));
        try (var encoder = SentenceEncoder.load(args[0], options)) {
            encoder.encode(texts(lines, 0, 100));
            if (args.length > 7) {
                large(encoder, lines, embedded, rows, rounds, Integer.parseInt(args[7]), folder);
                return;
            }
            for (int round = 1; round <= rounds; round++) {
                double plain = rate(rows, () -> encodeAll(encoder, lines, rows));
                var out = folder.resolve("embedded-" + round).toString();
                double toParquet = rate(rows, () -> embedded.write().parquet(out));
                double toNowhere = rate(rows, () -> noop(embedded));
                System.out.printf(
                        Locale.ROOT,
                        "{\"rows\": %d, \"partitions\": %d, \"plain\": %.1f, \"parquet\": %.1f,"
                                + " \"nowhere\": %.1f, \"ratio\": %.3f, \"ratio_nowhere\": %.3f,"
                                + " \"heap_mb\": %d}%n",
                        rows,
                        partitions,
                        plain,
                        toParquet,
                        toNowhere,
                        toParquet / plain,
                        toNowhere / plain,
                        Runtime.getRuntime().totalMemory() >> 20);
            }
        }
    }

    private static void large(
            SentenceEncoder encoder,
            List<String> lines,
            Dataset<Row> embedded,
            int rows,
            int rounds,
            int plainRows,
            Path folder) {
        double before = rate(plainRows, () -> encodeAll(encoder, lines, plainRows));
        for (int round = 1; round <= rounds; round++) {
            var out = folder.resolve("embedded-" + round).toString();
            double toParquet = rate(rows, () -> embedded.write().parquet(out));
            double after = rate(plainRows, () -> encodeAll(encoder, lines, plainRows));
            System.out.printf(
                    Locale.ROOT,
                    "{\"rows\": %d, \"written\": %d, \"plain_rows\": %d, \"plain_before\": %.1f,"
                            + " \"parquet\": %.1f, \"plain_after\": %.1f, \"ratio\": %.3f,"
                            + " \"heap_mb\": %d}%n",
                    rows,
                    LocalSpark.session().read().parquet(out).count(),
                    plainRows,
                    before,
                    toParquet,
                    after,
                    2 * toParquet / (before + after),
                    Runtime.getRuntime().totalMemory() >> 20);
            before = after;
        }
    }

    private static org.apache.spark.sql.execution.ExplainMode mode(String name) {
        return org.apache.spark.sql.execution.ExplainMode.fromString(name);
    }

    private static void write(List<String> lines, int rows, int partitions, String path) {
        var session = LocalSpark.session();
        var few = new ArrayList<Row>();
        for (int i = 0; i < lines.size(); i++) {
            few.add(RowFactory.create((long) i, lines.get(i), null));
        }
        var table = session.createDataFrame(few, LocalSpark.TEXTS).drop("tags");
        session.range(0, rows, 1, partitions)
                .selectExpr("id n", "id % " + lines.size() + " id")
                .join(org.apache.spark.sql.functions.broadcast(table), "id")
                .select("n", "text")
                .write()
                .parquet(path);
    }

    private static void encodeAll(SentenceEncoder encoder, List<String> lines, int rows) {
        for (int from = 0; from < rows; from += PLAIN_CALL) {
            encoder.encode(texts(lines, from, Math.min(rows, from + PLAIN_CALL)));
        }
    }

    private static List<String> texts(List<String> lines, int from, int to) {
        var texts = new ArrayList<String>(to - from);
        for (int i = from; i < to; i++) {
            texts.add(lines.get(i % lines.size()));
        }
        return texts;
    }

    private static void noop(Dataset<Row> rows) {
        rows.write().format("noop").mode("overwrite").save();
    }

    private static double rate(int rows, Runnable work) {
        long start = System.nanoTime();
        work.run();
        return rows * 1e9 / (System.nanoTime() - start);
    }
}
