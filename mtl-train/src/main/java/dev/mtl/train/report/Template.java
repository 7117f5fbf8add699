package dev.mtl.train.report;

import dev.mtl.core.internal.ControlCharacters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTML resource with placeholders, a subset of Mustache: <code>{{name}}</code> is a value,
 * escaped; <code>{{{name}}}</code> is markup, inserted verbatim; <code>{{#name}}...{{/name}}</code>
 * is repeated for each element of a list. Inside, names of the element hide those outside. A name
 * without a value is an error.
 *
 * @see <a href="https://mustache.github.io/mustache.5.html">Mustache</a>
 */
final class Template {
    private static final Pattern TAG =
            Pattern.compile("\\{\\{\\{(?<markup>\\w+)}}}|\\{\\{(?<kind>[#/]?)(?<name>\\w+)}}");

    /** A line that only begins or ends a section leaves no empty line behind. */
    private static final Pattern SECTION_LINE =
            Pattern.compile("(?m)^[ \\t]*(\\{\\{[#/]\\w+}})[ \\t]*\\n");

    private final List<Part> parts;

    private sealed interface Part {}

    private record Text(String text) implements Part {}

    private record Value(String name, boolean escaped) implements Part {}

    private record Section(String name, List<Part> parts) implements Part {}

    private Template(List<Part> parts) {
        this.parts = parts;
    }

    /** The text of a resource beside this class. */
    static String resource(String name) {
        try (var stream = Template.class.getResourceAsStream(name)) {
            return new String(
                    Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException if its sections are not nested properly
     */
    static Template parse(String text) {
        var source = SECTION_LINE.matcher(text).replaceAll("$1");
        var tags = TAG.matcher(source);
        var end = new int[] {0};
        var parts = parts(source, tags, end, "");
        parts.add(new Text(source.substring(end[0])));
        return new Template(parts);
    }

    private static List<Part> parts(String source, Matcher tags, int[] end, String section) {
        var parts = new ArrayList<Part>();
        while (tags.find()) {
            parts.add(new Text(source.substring(end[0], tags.start())));
            end[0] = tags.end();
            var markup = tags.group("markup");
            var name = tags.group("name");
            if (markup != null) {
                parts.add(new Value(markup, false));
            } else if (tags.group("kind").isEmpty()) {
                parts.add(new Value(name, true));
            } else if (tags.group("kind").equals("#")) {
                parts.add(new Section(name, parts(source, tags, end, name)));
            } else if (name.equals(section)) {
                return parts;
            } else {
                throw new IllegalArgumentException("{{/" + name + "}} ends no open section");
            }
        }
        if (!section.isEmpty()) {
            throw new IllegalArgumentException("{{#" + section + "}} is never ended");
        }
        return parts;
    }

    /**
     * Fills in the values.
     *
     * @param values strings and numbers, and for sections lists of such maps
     * @throws IllegalArgumentException if a name has no value or one of the wrong kind
     */
    String render(Map<String, ?> values) {
        var page = new StringBuilder();
        render(parts, values, page);
        return page.toString();
    }

    private static void render(List<Part> parts, Map<String, ?> values, StringBuilder page) {
        for (var part : parts) {
            switch (part) {
                case Text text -> page.append(text.text());
                case Value value -> {
                    var text = String.valueOf(value(value.name(), values));
                    page.append(value.escaped() ? escape(text) : text);
                }
                case Section section -> {
                    if (!(value(section.name(), values) instanceof List<?> elements)) {
                        throw new IllegalArgumentException(section.name() + " is not a list");
                    }
                    for (var element : elements) {
                        var inner = new HashMap<String, Object>(values);
                        ((Map<?, ?>) element)
                                .forEach((key, field) -> inner.put((String) key, field));
                        render(section.parts(), inner, page);
                    }
                }
            }
        }
    }

    private static Object value(String name, Map<String, ?> values) {
        var value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no value for {{" + name + "}}");
        }
        return value;
    }

    /** Escapes what HTML would take for markup, in text and in attribute values. */
    static String escape(String text) {
        return ControlCharacters.escaped(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
