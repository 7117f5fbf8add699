package dev.mtl.train.data;

import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.DataConfig.Kind;

import org.jspecify.annotations.Nullable;

/**
 * What a task reads of a row.
 *
 * @param name of the column
 * @param kind of what it holds; null for what the format takes it for
 * @param labelSeparator between the labels of one field; null if a field is one label
 * @param train the training data, which may show the kind where another split does not
 */
public record DataColumn(
        String name, @Nullable Kind kind, @Nullable String labelSeparator, @Nullable String train) {
    static DataColumn of(DataConfig data) {
        return new DataColumn(data.column(), data.kind(), data.labelSeparator(), data.train());
    }
}
