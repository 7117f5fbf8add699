package dev.mtl.train.report;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A table that readers can sort, in a box of its own that scrolls: {@code table.html}. */
final class HtmlTable {
    private static final Template TABLE = Template.parse(Template.resource("table.html").strip());

    /** Names of at most so many characters are never broken. */
    private static final int SHORT = 18;

    private final String label;
    private final List<Column> columns;
    private final List<Row> rows = new ArrayList<>();

    private record Row(List<String> cells, String remark) {}

    /**
     * A column.
     *
     * @param kind a class of the style sheet: {@code name}, {@code number} or {@code prose}
     * @param order in which the rows come, null if it is not by this column
     */
    private record Column(String name, String kind, @Nullable String order) {}

    /**
     * A table without rows.
     *
     * @param label what it has, different from that of every other table of the page
     */
    HtmlTable(String label) {
        this.label = label;
        columns = new ArrayList<>();
    }

    /** Adds a column of names, the first of which is the header of its row. */
    HtmlTable names(String... names) {
        return add("name", names);
    }

    HtmlTable numbers(String... names) {
        return add("number", names);
    }

    /** Adds a column of long texts. */
    HtmlTable prose(String name) {
        return add("prose", name);
    }

    private HtmlTable add(String kind, String... names) {
        for (var name : names) {
            columns.add(new Column(name, kind, null));
        }
        return this;
    }

    /** Says that the rows are sorted by a column, in a direction as {@code aria-sort} has it. */
    HtmlTable sortedBy(String name, String direction) {
        columns.replaceAll(
                column ->
                        column.name().equals(name)
                                ? new Column(name, column.kind(), direction)
                                : column);
        return this;
    }

    /** Adds a row with a cell for each column. */
    void row(List<String> cells) {
        row(cells, "");
    }

    /** Adds a row, with a remark below the text of its first cell. */
    void row(List<String> cells, String remark) {
        rows.add(new Row(List.copyOf(cells), remark));
    }

    /** The escaped text of a cell; long names may be broken behind an underscore. */
    private static String markup(Column column, String text) {
        var escaped = Template.escape(text);
        return column.kind().equals("name") ? escaped.replace("_", "_<wbr>") : escaped;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Markup of the table. */
    String render() {
        var heads = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < columns.size(); i++) {
            var order = columns.get(i).order();
            heads.add(
                    Map.of(
                            "name",
                            columns.get(i).name(),
                            "kind",
                            kind(i),
                            "order",
                            order == null ? List.of() : List.of(Map.of("direction", order))));
        }
        return TABLE.render(
                Map.of(
                        "label",
                        label,
                        "columns",
                        heads,
                        "rows",
                        rows.stream().map(this::row).toList()));
    }

    private Map<String, Object> row(Row row) {
        var cells = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < columns.size(); i++) {
            cells.add(Map.of("kind", kind(i), "value", markup(columns.get(i), row.cells().get(i))));
        }
        var values = new HashMap<String, Object>(cells.getFirst());
        values.put(
                "remark",
                row.remark().isEmpty() ? List.of() : List.of(Map.of("text", row.remark())));
        values.put("cells", cells.subList(1, cells.size()));
        return values;
    }

    private String kind(int column) {
        var kind = columns.get(column).kind();
        boolean isShort =
                kind.equals("name")
                        && rows.stream().allMatch(row -> row.cells().get(column).length() <= SHORT);
        return isShort ? "name short" : kind;
    }
}
