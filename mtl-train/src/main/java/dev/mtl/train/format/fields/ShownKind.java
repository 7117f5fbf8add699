package dev.mtl.train.format.fields;

import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFiles;
import dev.mtl.train.settings.DataSettings.Kind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a column of a file holds: the first row in which it is not empty shows it, and all others
 * must hold the same. If no row does, the training data shows it.
 */
final class ShownKind {
    private ShownKind() {}

    /**
     * The kind of a column.
     *
     * @param reader whose records are JSON objects
     * @param texts the columns of an example's texts
     */
    static Kind of(FieldsReader reader, Path path, DataColumn column, List<String> texts) {
        return in(reader, path, column, texts)
                .or(() -> inTraining(reader, column, texts))
                .orElse(Kind.LABELS);
    }

    private static Optional<Kind> in(
            FieldsReader reader, Path path, DataColumn column, List<String> texts) {
        try (var records = reader.open(path, texts, List.of())) {
            for (var next = records.next(); next != null; next = records.next()) {
                try {
                    var kind = ((JsonFields) next.fields()).kindOf(column, texts);
                    if (kind != null) {
                        return Optional.of(kind);
                    }
                } catch (BadRowException e) {
                    // reported when the row is read; another row shows the kind
                }
            }
        }
        return Optional.empty();
    }

    /** A file in which all lists are empty does not show what they are lists of. */
    private static Optional<Kind> inTraining(
            FieldsReader reader, DataColumn column, List<String> texts) {
        var train = column.train() == null ? null : DataFiles.of(column.train()).getFirst();
        return train != null && Files.exists(train)
                ? in(reader, train, column, texts)
                : Optional.empty();
    }
}
