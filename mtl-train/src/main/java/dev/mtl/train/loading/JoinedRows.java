package dev.mtl.train.loading;

import dev.mtl.train.format.DataFormat.Row;
import dev.mtl.train.format.DataFormat.Rows;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SequencedMap;

/** The rows of several files, numbered as if they were one. */
record JoinedRows(List<Rows> files) implements Rows {
    @Override
    public int size() {
        return files.stream().mapToInt(Rows::size).sum();
    }

    @Override
    public Row row(int index) {
        int before = 0;
        for (var file : files) {
            if (index < before + file.size()) {
                var row = file.row(index - before);
                return new Row(index + 1, row.place(), row.texts(), row.targets(), row.mistakes());
            }
            before += file.size();
        }
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public SequencedMap<String, @Nullable Object> columns(int index) {
        int before = 0;
        for (var file : files) {
            if (index < before + file.size()) {
                return file.columns(index - before);
            }
            before += file.size();
        }
        throw new IndexOutOfBoundsException(index);
    }
}
