package dev.mtl.train.format;

import dev.mtl.train.format.FormatSettings.Kind;

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
        String name,
        @Nullable Kind kind,
        @Nullable String labelSeparator,
        @Nullable String train) {}
