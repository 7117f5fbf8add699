package dev.mtl.core.plugin;

import dev.mtl.core.head.ClassWeights;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the records may be that heads and data formats have as their settings. */
public final class SettingsRecord {
    /** Keys that every task has beside its head's own, which no setting can have the name of. */
    public static final List<String> TASK_KEYS =
            List.of("head", "loss_weight", "head_lr", "layers", "on_unknown_label", "data");

    /** Keys that the data of every task has in a format of a plug-in, beside the format's own. */
    public static final List<String> DATA_KEYS =
            List.of(
                    "format",
                    "train",
                    "validation",
                    "test",
                    "validation_split",
                    "test_split",
                    "streaming",
                    "buffer_size",
                    "on_bad_row",
                    "column",
                    "text_column",
                    "text_columns",
                    "kind",
                    "names",
                    "markup",
                    "span_end",
                    "offsets");

    private static final Set<Class<?>> SCALARS =
            Set.of(
                    int.class,
                    long.class,
                    double.class,
                    boolean.class,
                    Integer.class,
                    Long.class,
                    Double.class,
                    Boolean.class,
                    String.class,
                    ClassWeights.class);

    private SettingsRecord() {}

    /**
     * Looks for settings that YAML could never give.
     *
     * @param defaults of a provider
     * @return which component, and why; empty if all are well
     */
    public static Optional<String> problem(Record defaults) {
        return problem(defaults, TASK_KEYS, "every task has");
    }

    /** The same for the settings of a data format. */
    static Optional<String> problemOfFormat(Record defaults) {
        return problem(defaults, DATA_KEYS, "the data of every task has");
    }

    private static Optional<String> problem(Record defaults, List<String> taken, String who) {
        for (var component : defaults.getClass().getRecordComponents()) {
            var key = key(component.getName());
            if (taken.contains(key)) {
                return Optional.of(
                        "the setting %s of %s can never be set: '%s' is a key that %s"
                                .formatted(
                                        component.getName(),
                                        defaults.getClass().getName(),
                                        key,
                                        who));
            }
        }
        return typeProblem(defaults.getClass());
    }

    /** How YAML calls a component: in snake case. */
    public static String key(String component) {
        return component.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    private static Optional<String> typeProblem(Class<?> record) {
        for (var component : record.getRecordComponents()) {
            var type = component.getType();
            if (type.isRecord()) {
                var within = typeProblem(type);
                if (within.isPresent()) {
                    return within;
                }
            } else if (!SCALARS.contains(type)
                    && !type.isEnum()
                    && !is(component.getGenericType(), List.class, String.class)
                    && !is(component.getGenericType(), Map.class, String.class, Double.class)) {
                return Optional.of(
                        "the setting %s of %s is a %s, which YAML cannot give; a setting is an int,"
                                        .formatted(
                                                component.getName(),
                                                record.getName(),
                                                component.getGenericType().getTypeName())
                                + " long, double, boolean, String, enum, List<String>, Map<String,"
                                + " Double>, ClassWeights or a record of these");
            }
        }
        return Optional.empty();
    }

    private static boolean is(Type type, Class<?> raw, Type... arguments) {
        return type instanceof ParameterizedType generic
                && generic.getRawType() == raw
                && List.of(generic.getActualTypeArguments()).equals(List.of(arguments));
    }
}
