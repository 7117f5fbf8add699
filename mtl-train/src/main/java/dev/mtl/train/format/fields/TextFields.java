package dev.mtl.train.format.fields;

import dev.mtl.core.head.Target;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * The fields of a table's record.
 *
 * @param cells in the order of the file
 * @param names of the columns; empty if they have none
 * @param places of the columns, by what the configuration calls them
 * @param place file and line
 */
record TextFields(List<String> cells, List<String> names, Map<String, Integer> places, String place)
        implements Fields {
    // Double.parseDouble also accepts 1f, 0x1p3 and NaN
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,4})?");

    @Override
    public @Nullable List<String> words(String column) {
        return null;
    }

    @Override
    public String text(String column) {
        return cells.get(Objects.requireNonNull(places.get(column)));
    }

    @Override
    public Target target(DataColumn column, Kind kind, FieldText text) {
        if (kind == Kind.NONE) {
            return new Target.Unlabelled();
        }
        try {
            return target(text(column.name()), column, kind, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "column '" + column.name() + "' " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable Object value(String column) {
        var place = places.get(column);
        return place == null ? null : cells.get(place);
    }

    @Override
    public SequencedMap<String, @Nullable Object> all() {
        var all = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < cells.size(); i++) {
            all.put(i < names.size() ? names.get(i) : String.valueOf(i), cells.get(i));
        }
        return all;
    }

    private static Target target(String field, DataColumn column, Kind kind, FieldText text) {
        if (kind == Kind.TAGS) {
            return new Target.Tags(text.tags(tags(field, column)));
        }
        var parts = parts(field, column);
        if (kind == Kind.VALUE) {
            if (parts.isEmpty()) {
                throw new IllegalArgumentException("has no number");
            }
            return new Target.Values(parts.stream().map(TextFields::number).toList());
        }
        var labels = parts.stream().map(part -> label(part, column)).toList();
        if (kind == Kind.LABELS) {
            return new Target.Labels(labels);
        }
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("has no label");
        }
        return new Target.Category(labels.getFirst());
    }

    /** The tags of a string that has spaces between them. */
    static List<String> tags(String field, DataColumn column) {
        return field.isBlank()
                ? List.of()
                : Arrays.stream(field.strip().split("\\s+"))
                        .map(tag -> label(tag, column))
                        .toList();
    }

    /** A label, or the name of the one that a number stands for. */
    private static String label(String text, DataColumn column) {
        return !column.names().isEmpty() && text.matches("-?[0-9]{1,9}")
                ? column.label(Long.parseLong(text))
                : text;
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
