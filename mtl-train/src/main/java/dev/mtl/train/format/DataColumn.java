package dev.mtl.train.format;

import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

/**
 * What a task learns from a row.
 *
 * @param name of the column
 * @param kind what the column holds; null if the format decides
 * @param labelSeparator separates the labels of one field; null if a field is one label
 * @param train the training data, which may show the kind where another split does not
 */
public record DataColumn(
        String name,
        @Nullable Kind kind,
        @Nullable String labelSeparator,
        @Nullable String train) {}
