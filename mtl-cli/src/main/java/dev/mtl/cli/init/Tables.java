package dev.mtl.cli.init;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Tables: separator, quotes, header, and the columns of texts and labels. */
final class Tables {
    private Tables() {}

    static List<Draft.Task> tasks(List<String> all, boolean tsv) {
        var lines = all.stream().filter(line -> !line.isBlank()).toList();
        if (lines.size() < 2) {
            return List.of();
        }
        var separator = tsv ? "\t" : separator(lines.getFirst());
        boolean quoted = lines.stream().anyMatch(line -> isQuoted(line, separator));
        var records = lines.stream().map(line -> split(line, separator, quoted)).toList();
        int width = commonWidth(records);
        var columns = columns(records.subList(1, records.size()), width);
        boolean header = hasHeader(records.getFirst(), columns);
        var names = header ? records.getFirst() : numbers(width);
        var shape = shape(separator, quoted, header, records, width);
        var texts = texts(columns);
        if (texts.isEmpty()) {
            return List.of();
        }
        var tasks = new ArrayList<Draft.Task>();
        for (int i = 0; i < width; i++) {
            var column = columns.get(i);
            if (!texts.contains(i) && (column.isMeasured() || column.isLabels())) {
                tasks.add(task(names, texts, i, column, shape));
            }
        }
        return tasks.size() <= 3 ? tasks : best(tasks);
    }

    /** Of many columns that could be labels, those that are called so. */
    private static List<Draft.Task> best(List<Draft.Task> tasks) {
        var called =
                tasks.stream()
                        .filter(
                                task ->
                                        task.name()
                                                .toLowerCase(Locale.ROOT)
                                                .matches(".*(label|intent|class|categor|score).*"))
                        .toList();
        var measured = tasks.stream().filter(task -> task.head().equals("similarity")).toList();
        return called.isEmpty() ? measured.isEmpty() ? tasks : measured : called;
    }

    private static Draft.Task task(
            List<String> names, List<Integer> texts, int at, Column column, List<String> shape) {
        var keys = new ArrayList<>(shape);
        boolean pair = texts.size() > 1;
        keys.add(
                pair
                        ? "text_columns: ["
                                + Yaml.string(names.get(texts.getFirst()))
                                + ", "
                                + Yaml.string(names.get(texts.getLast()))
                                + "]"
                        : "text_column: " + Yaml.string(names.get(texts.getFirst())));
        keys.add("column: " + Yaml.string(names.get(at)));
        // 0 and 1 for paraphrases
        boolean number = column.isMeasured() || (pair && column.isGrades());
        var head = number ? "regression" : pair ? "pair-classification" : "classification";
        if (number) {
            keys.add("kind: value");
        }
        var name = Yaml.task(names.get(at));
        return new Draft.Task(
                name.equals("task") && pair ? "similarity" : name,
                pair && number ? "similarity" : head,
                keys,
                number ? "a number" : "one label");
    }

    private static List<String> shape(
            String separator,
            boolean quoted,
            boolean header,
            List<List<String>> records,
            int width) {
        var keys = new ArrayList<String>();
        keys.add("format: " + (separator.equals("\t") ? "tsv" : "csv"));
        if (!",\t".contains(separator)) {
            keys.add("separator: \"" + separator + "\"");
        }
        if (!header) {
            keys.add("header: false              # columns by number, from 0");
        }
        if (!quoted) {
            keys.add("quoting: none              # quotes belong to the texts");
        }
        if (records.stream().anyMatch(record -> record.size() > width)) {
            keys.add("extra_fields: ignore       # some records have more");
        }
        return keys;
    }

    private static String separator(String line) {
        return line.contains("\t") ? "\t" : line.contains(";") && !line.contains(",") ? ";" : ",";
    }

    /** Whether a field begins and ends with a quote. */
    private static boolean isQuoted(String line, String separator) {
        var mark = Pattern.quote(separator);
        return !separator.equals("\t")
                || Pattern.compile("(^|" + mark + ")\"[^\"]*\"(" + mark + "|$)")
                        .matcher(line)
                        .find();
    }

    private static List<String> split(String line, String separator, boolean quoted) {
        if (!quoted) {
            return Arrays.asList(line.split(Pattern.quote(separator), -1));
        }
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean inside = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                inside = !inside;
            } else if (c == separator.charAt(0) && !inside) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    private static int commonWidth(List<List<String>> records) {
        var counts = new int[1 + records.stream().mapToInt(List::size).max().orElse(1)];
        records.forEach(record -> counts[record.size()]++);
        int best = 1;
        for (int i = 1; i < counts.length; i++) {
            best = counts[i] > counts[best] ? i : best;
        }
        return best;
    }

    private static List<Column> columns(List<List<String>> records, int width) {
        var columns = new ArrayList<Column>();
        for (int i = 0; i < width; i++) {
            var column = new Column();
            for (var record : records) {
                if (record.size() >= width) {
                    column.add(record.get(i));
                }
            }
            columns.add(column);
        }
        return columns;
    }

    /** Names are short, differ, and are no numbers where the column has numbers. */
    private static boolean hasHeader(List<String> first, List<Column> columns) {
        boolean named =
                first.size() == columns.size() && first.stream().distinct().count() == first.size();
        for (int i = 0; i < columns.size() && named; i++) {
            var name = first.get(i).strip();
            named =
                    !name.isEmpty()
                            && name.length() <= 40
                            && !name.matches("[-+]?[0-9]*\\.?[0-9]+")
                            && !(columns.get(i).isText() && name.split("\\s+").length > 3);
        }
        return named;
    }

    private static List<String> numbers(int width) {
        var numbers = new ArrayList<String>();
        for (int i = 0; i < width; i++) {
            numbers.add(String.valueOf(i));
        }
        return numbers;
    }

    /** The column of the longest texts, and the next one if it is about as long. */
    private static List<Integer> texts(List<Column> columns) {
        var texts = new ArrayList<Integer>();
        double longest = 0;
        for (var column : columns) {
            longest = Math.max(longest, column.isText() ? column.length() : 0);
        }
        for (int i = 0; i < columns.size(); i++) {
            var column = columns.get(i);
            if (column.isText() && !column.isLabels() && column.length() >= 0.6 * longest) {
                texts.add(i);
            }
        }
        return texts.size() <= 2 ? texts : texts.subList(0, 1);
    }
}
