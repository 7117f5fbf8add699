package dev.mtl.train.streaming;

import dev.mtl.core.MtlException;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.loading.DataSource;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.RowExamples;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.loading.TrainingData;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Training data that is read again in each pass, shuffled in a buffer and encoded on the way. */
public final class StreamedDataset implements TrainingData {
    private final DataSource source;
    private final List<TaskConfig> tasks;
    private final StreamScan scan;
    private final int bufferSize;
    private final int threads;
    private final DatasetEncoder encoder;
    private final List<DataColumn> columns;
    private final RowExamples examples;

    /**
     * Data that a first pass has seen.
     *
     * @param threads that encode; the data is the same with any number
     */
    StreamedDataset(
            DataSource source,
            List<TaskConfig> tasks,
            StreamScan scan,
            int bufferSize,
            int threads,
            DatasetEncoder encoder) {
        this.source = source;
        this.tasks = List.copyOf(tasks);
        this.scan = scan;
        this.bufferSize = bufferSize;
        this.threads = threads;
        this.encoder = encoder;
        columns = FirstPass.columns(source, tasks);
        examples = new RowExamples(source, tasks, scan.schemes(columns));
        encoder.requireArity(tasks(), scan.texts());
    }

    @Override
    public String source() {
        return source.name();
    }

    @Override
    public List<String> tasks() {
        return scan.tasks();
    }

    @Override
    public int size() {
        return scan.examples();
    }

    /** A checksum of all examples. */
    public String checksum() {
        return scan.checksum();
    }

    /** What becomes of one example before it trains: windows over a long text, or itself. */
    public interface Division extends UnaryOperator<List<TokenizedExample>> {}

    /**
     * A pass over the data.
     *
     * @param seed of the order
     * @param from how many rows are passed over; they are read, but not parsed or encoded
     * @param division of each example, on any thread
     */
    public Pass open(long seed, int from, Division division) {
        return new Pass(seed, from, division);
    }

    /** A pass, for one thread. */
    public final class Pass implements AutoCloseable {
        private final EncodedStream stream;
        private int taken;

        private Pass(long seed, int from, Division division) {
            taken = from;
            var random = new SplittableRandom(seed);
            var rows =
                    new RowStream(
                            source,
                            columns,
                            order(scan.files().size(), random),
                            scan.firstIds(),
                            StreamedDataset.this::requireRows);
            var shuffled = new ShuffleBuffer<>(rows::next, bufferSize, random);
            stream =
                    new EncodedStream(
                            new Skipping(shuffled, from)::next,
                            row -> encode(row, division),
                            rows::close,
                            threads);
        }

        /**
         * The examples of the next rows; fewer than rows if some have none, more if some texts are
         * divided.
         *
         * @throws MtlException if a row cannot be read any more, or the data has changed since the
         *     first pass
         */
        public List<TokenizedExample> take(int rows) {
            var all = new ArrayList<TokenizedExample>();
            for (int i = 0; i < rows; i++) {
                var next = stream.next();
                if (next == null) {
                    throw changed(taken + " rows");
                }
                taken++;
                all.addAll(next);
            }
            if (taken == size() && stream.next() != null) {
                throw changed("more");
            }
            return all;
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    /** Passes over rows that count. */
    private final class Skipping {
        private final ShuffleBuffer<RowStream.Numbered> rows;
        private int left;

        Skipping(ShuffleBuffer<RowStream.Numbered> rows, int count) {
            this.rows = rows;
            left = count;
        }

        RowStream.@Nullable Numbered next() {
            for (; left > 0; left--) {
                var row = rows.next();
                while (row != null && !scan.isWhole() && example(row) == null) {
                    row = rows.next();
                }
            }
            return rows.next();
        }
    }

    private static int[] order(int files, SplittableRandom random) {
        var order = IntStream.range(0, files).toArray();
        for (int left = files; left > 1; left--) {
            int drawn = random.nextInt(left);
            int file = order[drawn];
            order[drawn] = order[left - 1];
            order[left - 1] = file;
        }
        return order;
    }

    /** The example of a row; null if no task can use it. */
    private @Nullable Example example(RowStream.Numbered row) {
        try {
            var read = examples.read(row.row().row(row.id()));
            read.mistakes()
                    .forEach((mistake, without) -> RowExamples.requireSkip(without, mistake));
            return read.example().targets().isEmpty() ? null : read.example();
        } catch (BadRowException e) {
            RowExamples.requireSkip(tasks, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable List<TokenizedExample> encode(RowStream.Numbered row, Division division) {
        var example = example(row);
        if (example == null) {
            return null;
        }
        var encoded = encoder.encodeTraining(example, source(), tasks());
        return encoded.example().targets().isEmpty() ? List.of() : division.apply(List.of(encoded));
    }

    private void requireRows(int file, int rows) {
        int before = scan.files().get(file).rows();
        if (rows != before) {
            throw new MtlException(
                    (source.isInMemory() ? source() : source.files().get(file))
                            + ": has changed during training: had "
                            + before
                            + " rows, has "
                            + rows
                            + "; put it back and continue with --resume");
        }
    }

    private MtlException changed(String now) {
        return new MtlException(
                source()
                        + ": has changed during training: had "
                        + size()
                        + " rows that can be read, has "
                        + now
                        + "; put it back and continue with --resume");
    }

    @Override
    public List<TokenizedExample> sample(int most) {
        int step = Math.ceilDiv(size(), most);
        var sample = new ArrayList<TokenizedExample>();
        int place = 0;
        try (var rows = FirstPass.open(source, columns, this::requireRows)) {
            for (var row = rows.next(); row != null; row = rows.next()) {
                boolean wanted = place % step == 0;
                if (!wanted && scan.isWhole()) {
                    place++;
                    continue;
                }
                var example = example(row);
                if (example == null) {
                    continue;
                }
                if (wanted) {
                    sample.add(encoder.encodeTraining(example, source(), tasks()));
                }
                place++;
            }
        }
        return sample;
    }
}
