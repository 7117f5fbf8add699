package dev.mtl.train.data;

import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Format;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * A file and what says how its texts are found in it. Tasks that agree on all of this have the same
 * rows, whatever they read of them.
 */
public record DataSource(
        Format format,
        Path path,
        @Nullable String textColumn,
        @Nullable String separator,
        List<String> columns,
        @Nullable String comment) {
    public DataSource {
        columns = List.copyOf(columns);
    }

    static DataSource of(DataConfig data, String file) {
        return new DataSource(
                data.format(),
                Path.of(file),
                data.textColumn(),
                data.separator(),
                data.columns(),
                data.comment());
    }
}
