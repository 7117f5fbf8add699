package dev.mtl.train.config.yaml;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.internal.NearestName;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.core.plugin.SettingsRecord;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Binds YAML to records: one key per component, in snake case. Missing keys come from a record of
 * defaults; unknown keys and wrong types are problems, with their place.
 */
public final class RecordBinder {
    private final Problems problems;

    /** Notes what is wrong in {@code problems}. */
    public RecordBinder(Problems problems) {
        this.problems = problems;
    }

    /**
     * Binds a mapping.
     *
     * @param path of the mapping
     * @param defaults a record of the class to create
     * @return the record; after a problem, which is recorded, the defaults
     */
    public <R extends Record> R bind(YamlNode node, String path, R defaults) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            problems.add(node.place(), path, "takes a mapping, not " + node.kind());
            return defaults;
        }
        var type = defaults.getClass();
        var components = type.getRecordComponents();
        var names = Arrays.stream(components).map(c -> snakeCase(c.getName())).toList();
        boolean whole = true;
        for (var entry : mapping.entries().entrySet()) {
            if (!names.contains(entry.getKey())) {
                problems.add(
                        entry.getValue().place(),
                        join(path, entry.getKey()),
                        "no such key; known: "
                                + String.join(", ", names)
                                + NearestName.hint(entry.getKey(), names));
                whole = false;
            }
        }
        var values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            var value = mapping.entries().get(names.get(i));
            var byDefault = component(defaults, components[i]);
            if (value == null) {
                values[i] = byDefault;
            } else {
                try {
                    values[i] = convert(value, join(path, names.get(i)), components[i], byDefault);
                } catch (IllegalArgumentException e) {
                    problems.add(value.place(), join(path, names.get(i)), message(e));
                    whole = false;
                    values[i] = byDefault;
                }
            }
        }
        return whole ? create(defaults, components, values, mapping, path) : defaults;
    }

    private <R extends Record> R create(
            R defaults,
            RecordComponent[] components,
            @Nullable Object[] values,
            YamlNode.Mapping mapping,
            String path) {
        try {
            var constructor =
                    defaults.getClass()
                            .getDeclaredConstructor(
                                    Arrays.stream(components)
                                            .map(RecordComponent::getType)
                                            .toArray(Class[]::new));
            constructor.setAccessible(true);
            @SuppressWarnings("unchecked") // the canonical constructor of R's class
            var made = (R) constructor.newInstance(values);
            return made;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException cause) {
                note(cause, mapping, path);
                return defaults;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            problems.add(
                    mapping.place(),
                    path,
                    PluginFailures.name(defaults.getClass()) + " throws " + e.getCause());
            return defaults;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Records why a mapping could not be bound. */
    public void note(IllegalArgumentException e, YamlNode.Mapping mapping, String path) {
        var text = message(e);
        problems.add(placeOf(text, mapping), path, text);
    }

    /** The place of the key that a message begins with; for other messages, of the mapping. */
    private static String placeOf(String message, YamlNode.Mapping mapping) {
        var key = message.split(" ", 2)[0];
        return mapping.entries().getOrDefault(key, mapping).place();
    }

    private static String message(IllegalArgumentException e) {
        return Optional.ofNullable(e.getMessage()).orElse(e.toString());
    }

    /** The value of a record's component. */
    public static @Nullable Object component(Record record, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable Object convert(
            YamlNode node, String path, RecordComponent component, @Nullable Object byDefault) {
        var type = component.getType();
        if (type == ClassWeights.class) {
            return node instanceof YamlNode.Scalar word
                    ? ClassWeights.of(String.valueOf(word.value()))
                    : ClassWeights.of(numbers(node));
        }
        if (byDefault instanceof Record record) {
            return bind(node, path, record);
        }
        if (type == List.class) {
            return strings(node);
        }
        if (type == Map.class) {
            return numbers(node);
        }
        if (!(node instanceof YamlNode.Scalar scalar)) {
            throw new IllegalArgumentException("takes " + describe(type) + ", not " + node.kind());
        }
        if (scalar.value() == null && !mayBeNothing(component, byDefault)) {
            throw new IllegalArgumentException("takes " + describe(type) + ", not nothing");
        }
        return scalar(scalar, type);
    }

    /** Whether a component is {@code @Nullable}, or null by default. */
    private static boolean mayBeNothing(RecordComponent component, @Nullable Object byDefault) {
        return byDefault == null
                || component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static Map<String, Double> numbers(YamlNode node) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            throw new IllegalArgumentException("takes a mapping to numbers, not " + node.kind());
        }
        var numbers = new LinkedHashMap<String, Double>();
        mapping.entries()
                .forEach(
                        (key, value) -> {
                            if (!(value instanceof YamlNode.Scalar scalar)
                                    || !(scalar.value() instanceof Number number)) {
                                throw new IllegalArgumentException(
                                        "takes a number for '" + key + "', not " + value.kind());
                            }
                            numbers.put(key, number.doubleValue());
                        });
        return numbers;
    }

    private static List<String> strings(YamlNode node) {
        if (!(node instanceof YamlNode.Sequence sequence)) {
            throw new IllegalArgumentException("takes a list, not " + node.kind());
        }
        var strings = new ArrayList<String>();
        for (var item : sequence.items()) {
            if (!(item instanceof YamlNode.Scalar scalar) || scalar.value() == null) {
                throw new IllegalArgumentException("takes a list of names, not of " + item.kind());
            }
            strings.add(scalar.value().toString());
        }
        return strings;
    }

    private static @Nullable Object scalar(YamlNode.Scalar scalar, Class<?> type) {
        var value = scalar.value();
        if (value == null) {
            return null;
        }
        if (type == String.class) {
            return value.toString();
        }
        if (type.isEnum()) {
            return constant(value.toString(), type);
        }
        if ((type == boolean.class || type == Boolean.class) && value instanceof Boolean) {
            return value;
        }
        if ((type == double.class || type == Double.class) && value instanceof Number number) {
            return number.doubleValue();
        }
        if ((type == long.class || type == Long.class) && value instanceof Long) {
            return value;
        }
        if ((type == int.class || type == Integer.class)
                && value instanceof Long number
                && number == number.intValue()) {
            return number.intValue();
        }
        throw new IllegalArgumentException("takes " + describe(type) + ", not '" + value + "'");
    }

    private static Object constant(String name, Class<?> type) {
        var names = new ArrayList<String>();
        for (var constant : type.getEnumConstants()) {
            var lowerCase = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
            if (lowerCase.equals(name)) {
                return constant;
            }
            names.add(lowerCase);
        }
        throw new IllegalArgumentException(
                "no '"
                        + name
                        + "'; known: "
                        + String.join(", ", names)
                        + NearestName.hint(name, names));
    }

    private static String describe(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "an integer";
            case "double", "Double" -> "a number";
            case "boolean", "Boolean" -> "true or false";
            case "List" -> "a list";
            default -> "a value";
        };
    }

    /** The path of a key under another. */
    public static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** A component's name as it is written in YAML. */
    public static String snakeCase(String name) {
        return SettingsRecord.key(name);
    }
}
