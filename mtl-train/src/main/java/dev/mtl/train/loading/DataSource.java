package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A file, or a data set in memory, and how its rows are found. Tasks that agree on all of this have
 * the same rows, whatever they learn from them.
 *
 * @param name of the file or the data set
 * @param format reads the file
 * @param path of the file; empty for a data set in memory
 * @param validationSplit the share of rows that is held out, 0 for none
 * @param heldOut whether this is the part that is held out, or the rest
 */
record DataSource(
        String name, DataFormat format, Path path, double validationSplit, boolean heldOut) {
    /**
     * The source of a task's data.
     *
     * @param file that the configuration names
     * @param inMemory data sets by what the configuration calls them instead of a file
     * @throws ConfigurationException if it names a data set of another program
     */
    static DataSource of(DataConfig data, String file, Split split, Map<String, Dataset> inMemory) {
        double share = split == Split.TEST ? 0 : data.validationSplit();
        boolean heldOut = split == Split.VALIDATION;
        var dataset = inMemory.get(file);
        if (dataset != null) {
            var name = DataConfig.nameInMemory(file);
            return new DataSource(
                    name, new MemoryFormat(name, dataset), Path.of(""), share, heldOut);
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
        var path = Path.of(file);
        return new DataSource(path.toString(), data.settings().reader(), path, share, heldOut);
    }

    DataFormat.Rows open(List<DataColumn> columns) {
        return format.open(path, columns);
    }

    /** The column of a row that a task learns. */
    DataColumn column(TaskConfig task) {
        if (format instanceof MemoryFormat) {
            return new DataColumn(task.name(), null, null, null);
        }
        var train = task.data().train();
        return task.data()
                .settings()
                .target(train == null || DataConfig.isInMemory(train) ? null : train);
    }

    /**
     * Whether a row is in this part of the file. It depends on the row's number alone.
     *
     * @param id of the row, from 1
     */
    boolean takes(int id) {
        double draw = (RandomStream.mix(id) >>> 11) * 0x1p-53;
        return validationSplit == 0 || (draw < validationSplit) == heldOut;
    }
}
