package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFiles;
import dev.mtl.train.format.DataFormat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Files, or a data set in memory, and how their rows are found. Tasks that agree on all of this
 * have the same rows, whatever they learn from them.
 *
 * @param name of the file or the data set
 * @param format reads the files
 * @param files to read one after the other; empty for a data set in memory
 * @param part which rows are taken
 */
public record DataSource(String name, DataFormat format, List<Path> files, Part part) {
    /** Rows whose draws are from one share to another. */
    public record Part(double from, double to) {
        static final Part ALL = new Part(0, 1);

        /** The part of a split, if it is held out of the training data. */
        static Part of(DataConfig data, Split split) {
            double validation = data.validationSplit();
            double held = validation + data.testSplit();
            return switch (split) {
                case TRAIN -> new Part(held, 1);
                case VALIDATION -> validation > 0 ? new Part(0, validation) : ALL;
                case TEST -> data.testSplit() > 0 ? new Part(validation, held) : ALL;
            };
        }
    }

    /**
     * The source of a task's data.
     *
     * @param file that the configuration names
     * @param inMemory examples by what the configuration calls them instead of a file
     * @throws ConfigurationException if it names a data set of another program
     */
    public static DataSource of(
            DataConfig data,
            String file,
            Split split,
            Map<String, ? extends Iterable<Example>> inMemory) {
        var part = Part.of(data, split);
        var dataset = inMemory.get(file);
        if (dataset != null) {
            var name = DataConfig.nameInMemory(file);
            return new DataSource(
                    name, new MemoryFormat(name, dataset), List.of(Path.of("")), part);
        }
        if (DataConfig.isInMemory(file)) {
            throw new ConfigurationException(
                    "the data '"
                            + file
                            + "' was in the memory of the program that trained; name a file"
                            + " instead, such as --set tasks.NAME.data."
                            + split.name().toLowerCase(Locale.ROOT)
                            + "=FILE, and its format");
        }
        var files = DataFiles.of(file);
        var name = files.size() == 1 ? files.getFirst().toString() : file;
        return new DataSource(name, data.settings().reader(), files, part);
    }

    /**
     * Tasks of a source that share its examples.
     *
     * @param task the one that has them to itself; empty if several share them
     */
    public record Shared(DataSource source, String task) {
        /** The group of a task. */
        public static Shared of(DataSource source, TaskConfig task) {
            return new Shared(source, task.masksTexts() ? task.name() : "");
        }
    }

    /** The rows of all files, one after the other. */
    public DataFormat.Rows open(List<DataColumn> columns) {
        return new JoinedRows(
                files.stream()
                        .<Supplier<DataFormat.Rows>>map(file -> () -> format.open(file, columns))
                        .toList());
    }

    /** Whether a program gives the rows. */
    public boolean isInMemory() {
        return format instanceof MemoryFormat;
    }

    /** The column of a row that a task learns. */
    public DataColumn column(TaskConfig task) {
        if (format instanceof MemoryFormat) {
            return DataColumn.of(task.name());
        }
        return task.column();
    }

    /**
     * Whether a row is in this part of the file. It depends on the row's number alone.
     *
     * @param id of the row, from 1
     */
    public boolean takes(int id) {
        double draw = (RandomStream.mix(id) >>> 11) * 0x1p-53;
        return part.from() <= draw && draw < part.to();
    }
}
