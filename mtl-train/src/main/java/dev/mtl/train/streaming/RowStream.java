package dev.mtl.train.streaming;

import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat.RawRow;
import dev.mtl.train.format.DataFormat.Rows;
import dev.mtl.train.loading.DataSource;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The rows of a source's files, in some order of the files, numbered as in the order of names. */
final class RowStream implements AutoCloseable {
    private final DataSource source;
    private final List<DataColumn> columns;
    private final int[] files;
    private final int[] firstIds;
    private int at;
    private int id;
    private int read;
    private @Nullable Rows open;

    /** A row, and its number in the source. */
    record Numbered(int id, RawRow row) {}

    /** What hears of the end of a file. */
    interface FileEnd {
        void of(int file, int rows);
    }

    private final FileEnd end;

    /**
     * Rows to be read.
     *
     * @param files the places of all files of the source, in the order in which they are read
     * @param firstIds the numbers of their first rows, by place; null if they are read in order
     * @param end hears how many rows a file has had
     */
    RowStream(
            DataSource source,
            List<DataColumn> columns,
            int[] files,
            int @Nullable [] firstIds,
            FileEnd end) {
        this.source = source;
        this.columns = columns;
        this.files = files.clone();
        this.firstIds = firstIds == null ? new int[0] : firstIds.clone();
        this.end = end;
        id = 1;
    }

    /** The next row that the source takes; null if there are no more. */
    @Nullable Numbered next() {
        while (true) {
            var rows = open;
            if (rows == null) {
                if (at == files.length) {
                    return null;
                }
                id = firstIds.length == 0 ? id : firstIds[files[at]];
                read = 0;
                rows = source.format().open(source.files().get(files[at]), columns);
                open = rows;
            }
            var row = rows.next();
            if (row == null) {
                end.of(files[at++], read);
                close();
                continue;
            }
            read++;
            int own = id++;
            if (source.takes(own)) {
                return new Numbered(own, row);
            }
        }
    }

    @Override
    public void close() {
        var rows = open;
        open = null;
        if (rows != null) {
            rows.close();
        }
    }
}
