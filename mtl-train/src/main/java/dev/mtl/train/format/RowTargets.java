package dev.mtl.train.format;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Reads the targets of a row. What is wrong with one column is no mistake of the others. */
public final class RowTargets {
    private final Map<DataColumn, Target> targets = new LinkedHashMap<>();
    private final Map<DataColumn, String> mistakes = new LinkedHashMap<>();

    /** Nothing is read yet. */
    public RowTargets() {}

    /**
     * Reads the target of a column.
     *
     * @param target may throw a {@link BadRowException}, whose message is kept
     */
    public void read(DataColumn column, Supplier<Target> target) {
        try {
            targets.put(column, target.get());
        } catch (BadRowException e) {
            mistakes.put(column, String.valueOf(e.getMessage()));
        }
    }

    /** The row with these targets. */
    public DataFormat.Row row(int id, String place, List<PreTokenizedText> texts) {
        return new DataFormat.Row(id, place, texts, targets, mistakes);
    }
}
