package dev.mtl.train.format;

import dev.mtl.core.head.Target;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the target of a table's field: a label, several labels, or numbers. */
final class TextFields {
    // Double.parseDouble also accepts 1f, 0x1p3 and NaN
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,4})?");

    private TextFields() {}

    /**
     * Reads a field.
     *
     * @throws IllegalArgumentException if it is not of its column's kind
     */
    static Target target(String field, DataColumn column) {
        var parts = parts(field, column);
        if (column.kind() == Kind.VALUE) {
            if (parts.isEmpty()) {
                throw new IllegalArgumentException("has no number");
            }
            return new Target.Values(parts.stream().map(TextFields::number).toList());
        }
        if (column.kind() == Kind.LABELS || column.labelSeparator() != null) {
            return new Target.Labels(parts);
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("has no label");
        }
        return new Target.Category(parts.getFirst());
    }

    private static List<String> parts(String field, DataColumn column) {
        var separator = column.labelSeparator();
        var all =
                separator == null
                        ? List.of(field)
                        : Arrays.asList(field.split(Pattern.quote(separator), -1));
        var parts = new ArrayList<String>();
        for (var part : all) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }

    private static double number(String text) {
        double number = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("'" + Abbreviated.of(text) + "' is not a number");
        }
        return number;
    }
}
