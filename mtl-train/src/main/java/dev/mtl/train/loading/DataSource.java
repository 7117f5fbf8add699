package dev.mtl.train.data;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;

import java.nio.file.Path;
import java.util.List;

/**
 * A file and how its rows are found. Tasks that agree on all of this have the same rows, whatever
 * they learn from them.
 *
 * @param format reads the file
 * @param validationSplit the share of rows that is held out, 0 for none
 * @param heldOut whether this is the part that is held out, or the rest
 */
record DataSource(DataFormat format, Path path, double validationSplit, boolean heldOut) {
    static DataSource of(DataConfig data, String file, Split split) {
        return new DataSource(
                data.settings().reader(),
                Path.of(file),
                split == Split.TEST ? 0 : data.validationSplit(),
                split == Split.VALIDATION);
    }

    DataFormat.Rows open(List<DataColumn> columns) {
        return format.open(path, columns);
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
