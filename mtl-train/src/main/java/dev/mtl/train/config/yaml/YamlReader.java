package dev.mtl.train.config.yaml;

import dev.mtl.core.ConfigurationException;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/**
 * Reads YAML into nodes with their places. Plain values have the types of YAML 1.2, so that {@code
 * 5e-5} is a number; {@code ${NAME}} and {@code ${NAME:-default}} in any value come from the
 * environment.
 */
public final class YamlReader {
    private static final Pattern VARIABLE =
            Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");
    private static final Pattern INTEGER = Pattern.compile("[-+]?\\d+");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");

    /** The limit of a file or option, with its aliases expanded: a configuration has a few KB. */
    public static final int MAX_CHARACTERS = 1 << 20;

    private static final int MAX_NODES = 20_000;
    private static final int MAX_DEPTH = 20;
    private static final int MAX_KEY = 200;

    /** The tags that the resolver may give to a plain value; all but numbers become strings. */
    private static final Set<Tag> SCALARS =
            Set.of(
                    Tag.STR,
                    Tag.INT,
                    Tag.FLOAT,
                    Tag.BOOL,
                    Tag.NULL,
                    Tag.TIMESTAMP,
                    Tag.MERGE,
                    new Tag(Tag.PREFIX + "value"));

    private final Map<String, String> environment;
    private final Problems problems;
    private int nodes;
    private long characters;

    /** The nodes that are being converted: an alias of one of these is recursive. */
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * Prepares reading.
     *
     * @param environment what {@code ${NAME}} stands for
     * @param problems takes what is wrong
     */
    public YamlReader(Map<String, String> environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /** Reads the text of a file. */
    public YamlNode readFile(String file, String text) {
        var node = compose(text, file, (line, column) -> file + ":" + line + ":" + column);
        if (node == null) {
            throw new ConfigurationException(file + ": is empty");
        }
        return convert(node, "", line -> file + ":" + line);
    }

    /** Reads the value of an option. */
    public YamlNode readOption(String option, String text) {
        var node = compose(text, option, (line, column) -> option);
        return node == null ? new YamlNode.Scalar(option, null) : convert(node, "", line -> option);
    }

    private static @Nullable Node compose(
            String text, String name, BiFunction<Integer, Integer, String> where) {
        if (text.length() > MAX_CHARACTERS) {
            throw new ConfigurationException(
                    name + ": has more than " + MAX_CHARACTERS + " characters");
        }
        var options = new LoaderOptions();
        options.setNestingDepthLimit(MAX_DEPTH);
        try {
            return new Yaml(options).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            throw new ConfigurationException(
                    (mark == null ? name : where.apply(mark.getLine() + 1, mark.getColumn() + 1))
                            + ": is not YAML: "
                            + e.getProblem(),
                    e);
        } catch (ReaderException e) {
            var before = text.codePoints().limit(e.getPosition()).toArray();
            int line = 1 + (int) Arrays.stream(before).filter(c -> c == '\n').count();
            int column = 1;
            for (int i = before.length - 1; i >= 0 && before[i] != '\n'; i--) {
                column++;
            }
            throw new ConfigurationException(
                    where.apply(line, column)
                            + String.format(
                                    Locale.ROOT,
                                    ": is not YAML: the character U+%04X is not allowed",
                                    e.getCodePoint()),
                    e);
        } catch (YAMLException e) {
            throw new ConfigurationException(name + ": is not YAML: " + e.getMessage(), e);
        }
    }

    private YamlNode convert(Node node, String path, IntFunction<String> placeOfLine) {
        var place = placeOfLine.apply(node.getStartMark().getLine() + 1);
        requireBounds(node, place);
        requireNoType(node, place);
        if (!open.add(node)) {
            throw new ConfigurationException(place + ": a recursive alias");
        }
        try {
            return convert(node, place, path, placeOfLine);
        } finally {
            open.remove(node);
        }
    }

    /** Aliases are expanded, so a few aliases of aliases could fill the memory. */
    private void requireBounds(Node node, String place) {
        nodes++;
        characters += node instanceof ScalarNode scalar ? scalar.getValue().length() : 0;
        if (nodes > MAX_NODES || characters > MAX_CHARACTERS) {
            throw new ConfigurationException(
                    place
                            + ": its aliases make more than %d values or %d characters of it"
                                    .formatted(MAX_NODES, MAX_CHARACTERS));
        }
    }

    private static void requireNoType(Node node, String place) {
        var known =
                switch (node) {
                    case MappingNode _ -> node.getTag().equals(Tag.MAP);
                    case SequenceNode _ -> node.getTag().equals(Tag.SEQ);
                    default -> SCALARS.contains(node.getTag());
                };
        if (!known) {
            throw new ConfigurationException(
                    place + ": the tag '" + node.getTag() + "' is not supported; leave it out");
        }
    }

    private YamlNode convert(
            Node node, String place, String path, IntFunction<String> placeOfLine) {
        return switch (node) {
            case MappingNode mapping -> {
                var entries = new LinkedHashMap<String, YamlNode>();
                for (var tuple : mapping.getValue()) {
                    var keyPlace =
                            placeOfLine.apply(tuple.getKeyNode().getStartMark().getLine() + 1);
                    if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                        problems.add(keyPlace, path, "a key must be a plain name");
                    } else if (key.getValue().length() > MAX_KEY) {
                        problems.add(
                                keyPlace, path, "a key has more than " + MAX_KEY + " characters");
                    } else if (entries.containsKey(key.getValue())) {
                        problems.add(
                                keyPlace,
                                RecordBinder.join(path, key.getValue()),
                                "is a duplicate key");
                    } else {
                        entries.put(
                                key.getValue(),
                                convert(
                                        tuple.getValueNode(),
                                        RecordBinder.join(path, key.getValue()),
                                        placeOfLine));
                    }
                }
                yield new YamlNode.Mapping(place, entries);
            }
            case SequenceNode sequence -> {
                var items = new ArrayList<YamlNode>();
                sequence.getValue().forEach(item -> items.add(convert(item, path, placeOfLine)));
                yield new YamlNode.Sequence(place, items);
            }
            case ScalarNode scalar -> {
                var text = substitute(scalar.getValue(), place);
                boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
                yield new YamlNode.Scalar(place, plain ? typed(text) : text);
            }
            default ->
                    throw new ConfigurationException(place + ": an unsupported kind of YAML node");
        };
    }

    private String substitute(String text, String place) {
        // Beyond the last brace nothing can match, but each '${A:-' would scan to the end.
        int end = text.lastIndexOf('}') + 1;
        if (end == 0) {
            return text;
        }
        return VARIABLE.matcher(text.substring(0, end))
                        .replaceAll(
                                match -> {
                                    var value = environment.get(match.group(1));
                                    if (value == null) {
                                        value = match.group(2);
                                    }
                                    if (value == null) {
                                        problems.add(
                                                place,
                                                "",
                                                "the environment variable "
                                                        + match.group(1)
                                                        + " is not set; ${"
                                                        + match.group(1)
                                                        + ":-default} would give it a default");
                                        value = "";
                                    }
                                    return java.util.regex.Matcher.quoteReplacement(value);
                                })
                + text.substring(end);
    }

    private static @Nullable Object typed(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> null;
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            default -> {
                if (INTEGER.matcher(text).matches()) {
                    try {
                        yield Long.parseLong(text);
                    } catch (NumberFormatException e) {
                        yield Double.parseDouble(text);
                    }
                }
                yield NUMBER.matcher(text).matches() ? (Object) Double.parseDouble(text) : text;
            }
        };
    }
}
