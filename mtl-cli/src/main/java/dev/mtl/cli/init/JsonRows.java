package dev.mtl.cli.init;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.train.format.JsonLine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** JSON lines and Parquet: the field of the texts, and those that can be learned. */
final class JsonRows {
    private static final List<String> WORDS = List.of("tokens", "words");

    private JsonRows() {}

    /** The lines that are JSON objects. */
    static List<ObjectNode> parsed(List<String> lines) {
        var rows = new ArrayList<ObjectNode>();
        for (var line : lines) {
            try {
                rows.add(JsonLine.parse(line));
            } catch (IllegalArgumentException e) {
                // mtl data check reports it
            }
        }
        return rows;
    }

    /**
     * The tasks that rows have data for.
     *
     * @param format of their file
     */
    static List<Draft.Task> tasks(List<ObjectNode> rows, String format) {
        var names = new LinkedHashSet<String>();
        rows.forEach(row -> row.fieldNames().forEachRemaining(names::add));
        var words = names.stream().filter(name -> isWords(rows, name)).findFirst();
        var texts = names.stream().filter(name -> column(rows, name).isText()).toList();
        var text = words.orElseGet(() -> longest(rows, texts));
        var answers = Questions.of(rows, List.copyOf(names), texts, text, format);
        if (answers.isPresent()) {
            return List.of(answers.get());
        }
        var tasks = new ArrayList<Draft.Task>();
        for (var name : names) {
            if (!text.isEmpty() && !name.equals(text)) {
                add(tasks, rows, name, text, format);
            }
        }
        if (tasks.isEmpty() && words.isEmpty() && texts.size() == 1) {
            tasks.add(
                    Texts.task(List.of("format: " + format, "text_column: " + Yaml.string(text))));
        }
        return tasks;
    }

    private static void add(
            List<Draft.Task> tasks,
            List<ObjectNode> rows,
            String name,
            String text,
            String format) {
        var shown = first(rows, name);
        var keys = new ArrayList<>(List.of("format: " + format));
        var surface = surface(first(rows, text));
        keys.add("text_column: " + Yaml.string(text + surface));
        keys.add("column: " + Yaml.string(name));
        var column = column(rows, name);
        var item = shown.path(0);
        if (shown.isTextual() && column.isLabels()) {
            tasks.add(new Draft.Task(Yaml.task(name), "classification", keys, "one label"));
        } else if (shown.isIntegralNumber() && column.isLabels()) {
            keys.add("kind: label                # 'names: [...]' says what the numbers stand for");
            tasks.add(new Draft.Task(Yaml.task(name), "classification", keys, "one label"));
        } else if (shown.isFloatingPointNumber()) {
            tasks.add(new Draft.Task(Yaml.task(name), "regression", keys, "a number"));
        } else if (item.isObject() && (item.has("span") || item.has("start"))) {
            if (item.has("span") && isInclusive(rows, name)) {
                keys.add("span_end: inclusive        # spans list their words, the last one too");
            }
            tasks.add(new Draft.Task(Yaml.task(name), "token-classification", keys, "entities"));
        } else if (isTags(rows, name, text)) {
            if (item.isNumber()) {
                keys.add(
                        "kind: tags                 # 'names: [...]' says what the numbers stand"
                                + " for");
            }
            tasks.add(
                    new Draft.Task(Yaml.task(name), "token-classification", keys, "a tag a word"));
        } else if (shown.isArray() && item.isTextual()) {
            keys.add("kind: labels");
            tasks.add(
                    new Draft.Task(
                            Yaml.task(name), "multi-label-classification", keys, "any labels"));
        }
    }

    /** Whether some span is of one number, or of more than two. */
    private static boolean isInclusive(List<ObjectNode> rows, String name) {
        for (var row : rows) {
            for (var entity : row.path(name)) {
                if (entity.path("span").size() != 2) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isTags(List<ObjectNode> rows, String name, String text) {
        boolean array = first(rows, name).isArray() && first(rows, text).isArray();
        return array
                && rows.stream().allMatch(row -> row.path(name).size() == row.path(text).size());
    }

    private static boolean isWords(List<ObjectNode> rows, String name) {
        var shown = first(rows, name);
        return WORDS.contains(name)
                && shown.isArray()
                && (shown.path(0).isTextual() || !surface(shown).isEmpty());
    }

    /** The field of the word in a list of objects, behind a dot. */
    private static String surface(JsonNode words) {
        for (var field : List.of("surface", "text", "form", "word")) {
            if (words.path(0).has(field)) {
                return "." + field;
            }
        }
        return "";
    }

    private static String longest(List<ObjectNode> rows, List<String> names) {
        var longest = "";
        double most = 0;
        for (var name : names) {
            double length = column(rows, name).length();
            if (length > most) {
                most = length;
                longest = name;
            }
        }
        return longest;
    }

    private static Column column(List<ObjectNode> rows, String name) {
        var column = new Column();
        for (var row : rows) {
            if (row.path(name).isValueNode()) {
                column.add(row.path(name).asText());
            }
        }
        return column;
    }

    /** The first value that is something, and no empty list. */
    private static JsonNode first(List<ObjectNode> rows, String name) {
        for (var row : rows) {
            var value = row.path(name);
            if (!value.isMissingNode()
                    && !value.isNull()
                    && !(value.isArray() && value.isEmpty())) {
                return value;
            }
        }
        return rows.isEmpty() ? MissingNode.getInstance() : rows.getFirst().path(name);
    }
}
