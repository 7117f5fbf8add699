package dev.mtl.train.config.yaml;

import dev.mtl.core.head.ClassWeights;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Java values as the nodes that the same values in YAML would be. They have no place. */
public final class ValueNodes {
    /** The place of nodes that are in no file. */
    static final String NOWHERE = "";

    private final Problems problems;

    /** Notes values that YAML cannot have in {@code problems}. */
    public ValueNodes(Problems problems) {
        this.problems = problems;
    }

    /** An empty mapping. */
    public static YamlNode.Mapping mapping() {
        return new YamlNode.Mapping(NOWHERE, new LinkedHashMap<>());
    }

    /**
     * Puts values into a mapping. They replace what it has under the same keys, except that a
     * mapping is put into a mapping.
     *
     * @param path of the mapping
     * @param values of Boolean, numbers, String, Path, enums, List, Map, records and null
     */
    public void put(YamlNode.Mapping target, String path, Map<String, ?> values) {
        values.forEach(
                (key, value) -> {
                    var below = RecordBinder.join(path, key);
                    if (value instanceof Map<?, ?> map
                            && target.entries().get(key) instanceof YamlNode.Mapping mapping) {
                        put(mapping, below, byName(map));
                    } else {
                        target.entries().put(key, node(value, below));
                    }
                });
    }

    private YamlNode node(@Nullable Object value, String key) {
        return switch (value) {
            case null -> new YamlNode.Scalar(NOWHERE, null);
            case Boolean _, String _, Long _, Double _ -> new YamlNode.Scalar(NOWHERE, value);
            case Integer number -> new YamlNode.Scalar(NOWHERE, number.longValue());
            // the double that is written like the float
            case Float number ->
                    new YamlNode.Scalar(NOWHERE, Double.parseDouble(number.toString()));
            case Path path -> new YamlNode.Scalar(NOWHERE, path.toString());
            case Enum<?> constant ->
                    new YamlNode.Scalar(NOWHERE, constant.name().toLowerCase(Locale.ROOT));
            case ClassWeights weights -> node(weights.written(), key);
            case Map<?, ?> map -> mapping(byName(map), key);
            case Record record -> mapping(components(record), key);
            case List<?> list -> sequence(list, key);
            default -> {
                problems.add(
                        NOWHERE,
                        key,
                        "takes a Boolean, a number, a String, an enum, a List, a Map or a record,"
                                + " not a "
                                + value.getClass().getName());
                yield new YamlNode.Scalar(NOWHERE, null);
            }
        };
    }

    private YamlNode mapping(Map<String, ?> values, String path) {
        var mapping = mapping();
        put(mapping, path, values);
        return mapping;
    }

    private YamlNode sequence(List<?> values, String path) {
        var items = new ArrayList<YamlNode>();
        values.forEach(value -> items.add(node(value, path)));
        return new YamlNode.Sequence(NOWHERE, items);
    }

    private static SequencedMap<String, @Nullable Object> byName(Map<?, ?> map) {
        var named = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> named.put(String.valueOf(key), value));
        return named;
    }

    private static SequencedMap<String, @Nullable Object> components(Record record) {
        var components = new LinkedHashMap<String, @Nullable Object>();
        for (var component : record.getClass().getRecordComponents()) {
            components.put(
                    RecordBinder.snakeCase(component.getName()),
                    RecordBinder.component(record, component));
        }
        return components;
    }
}
