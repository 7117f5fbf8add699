package dev.mtl.train.format.settings;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry.FoundFormat;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.EntityOffsets;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The keys of a task's {@code data} that belong to one file format. Each format's record validates
 * its own keys; the message of its IllegalArgumentException begins with the key.
 */
public sealed interface FormatSettings
        permits JointBertSettings, ConllSettings, TableSettings, ObjectSettings, SquadSettings {
    /** The default settings of MTL's own formats, in the order of the documentation. */
    static List<FormatSettings> defaults() {
        return List.of(
                JointBertSettings.DEFAULTS,
                ConllSettings.DEFAULTS,
                TableSettings.Csv.DEFAULTS,
                TableSettings.Tsv.DEFAULTS,
                ObjectSettings.JSON_LINES,
                ObjectSettings.PARQUET,
                SquadSettings.DEFAULTS);
    }

    /**
     * The default settings of MTL's own formats and of others.
     *
     * @throws ConfigurationException if one of these has the name of a format of MTL
     */
    static List<FormatSettings> defaults(List<FoundFormat> others) {
        var all = new ArrayList<>(defaults());
        for (var other : others) {
            if (all.stream().anyMatch(known -> known.name().equals(other.name()))) {
                throw new ConfigurationException(
                        "two data formats are named '%s': MTL's own and %s from %s"
                                .formatted(
                                        other.name(),
                                        other.provider().getClass().getName(),
                                        other.origin()));
            }
            all.add(ObjectSettings.of(other));
        }
        return all;
    }

    /** The format's name in YAML. */
    String name();

    /** The records whose components are the format's keys in YAML. */
    default List<Record> keys() {
        return List.of((Record) this);
    }

    /**
     * The same format with other values of its keys.
     *
     * @param keys records of the classes that {@link #keys} has
     * @throws IllegalArgumentException if they do not fit together
     */
    default FormatSettings withKeys(List<Record> keys) {
        return (FormatSettings) keys.getFirst();
    }

    /** The part of a row that the task learns. */
    String column();

    /** What the column holds; null if the format decides. */
    default @Nullable Kind kind() {
        return null;
    }

    /** What separates the labels of one field; null if a field is one label. */
    default @Nullable String labelSeparator() {
        return null;
    }

    /** Names of the labels that the column has as numbers, from 0; empty if it has none. */
    default List<String> names() {
        return List.of();
    }

    /** How the entities of the column are placed. */
    default EntityOffsets entityOffsets() {
        return EntityOffsets.DEFAULTS;
    }

    /**
     * The reader of such files. Readers are equal if they find the same rows and texts, whatever
     * column a task learns; tasks with equal readers for the same file share its rows.
     */
    DataFormat reader();

    /**
     * What a task reads of a row.
     *
     * @param train the task's training data, which may show the kind where another split does not
     */
    default DataColumn target(@Nullable String train) {
        return new DataColumn(
                column(), kind(), labelSeparator(), names(), entityOffsets(), train, false);
    }
}
