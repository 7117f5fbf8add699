package dev.mtl.train.loading;

import java.util.HashSet;
import java.util.Set;

/** The rows that some task leaves out: they cannot be read, or have labels that are not known. */
public final class SkippedRows {
    private final Set<Row> rows = new HashSet<>();

    private record Row(String source, int id) {}

    /** No row is left out. */
    public SkippedRows() {}

    /**
     * Counts a row, once for all tasks.
     *
     * @param id its number in its data set
     */
    void add(String source, int id) {
        rows.add(new Row(source, id));
    }

    /** The number of rows. */
    public int count() {
        return rows.size();
    }
}
