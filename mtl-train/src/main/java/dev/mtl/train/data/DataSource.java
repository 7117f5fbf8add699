package dev.mtl.train.data;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Format;
import dev.mtl.train.config.DataConfig.Split;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * A file and what says how its texts are found in it. Tasks that agree on all of this have the same
 * rows, whatever they read of them.
 *
 * @param validationSplit the share of rows that is held out, 0 for none
 * @param heldOut whether it is these rows, and not the others
 */
public record DataSource(
        Format format,
        Path path,
        List<String> textColumns,
        @Nullable String separator,
        List<String> columns,
        @Nullable String comment,
        double validationSplit,
        boolean heldOut) {
    public DataSource {
        textColumns = List.copyOf(textColumns);
        columns = List.copyOf(columns);
    }

    static DataSource of(DataConfig data, String file, Split split) {
        return new DataSource(
                data.format(),
                Path.of(file),
                data.texts(),
                data.separator(),
                data.columns(),
                data.comment(),
                split == Split.TEST ? 0 : data.validationSplit(),
                split == Split.VALIDATION);
    }

    /**
     * Whether a row takes part: of a file that is split, either those that are held out or the
     * others, by their numbers alone.
     *
     * @param id of the row, from 1
     */
    boolean takes(int id) {
        double draw = (RandomStream.mix(id) >>> 11) * 0x1p-53;
        return validationSplit == 0 || (draw < validationSplit) == heldOut;
    }
}
