package dev.mtl.train.config;

import dev.mtl.core.internal.NearestName;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.RecordBinder;
import dev.mtl.train.config.yaml.YamlNode;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.settings.DataSettings.OnBadRow;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Binds a task's {@code data}, which has the keys that all formats share and those of its format.
 *
 * @param known the default settings of all formats
 */
record DataBinder(RecordBinder binder, Problems problems, List<FormatSettings> known) {
    private static final String FORMAT = "format";

    /** The keys that all formats share, besides {@link #FORMAT}. */
    private record CommonKeys(
            @Nullable String train,
            @Nullable String validation,
            @Nullable String test,
            double validationSplit,
            double testSplit,
            boolean streaming,
            int bufferSize,
            RetrievalConfig retrieval,
            OnBadRow onBadRow) {}

    /** The data; after a problem, which is recorded, the defaults. */
    DataConfig bind(YamlNode node, String path) {
        if (!(node instanceof YamlNode.Mapping mapping)) {
            problems.add(node.place(), path, "takes a mapping, not " + node.kind());
            return DataConfig.DEFAULTS;
        }
        var format = format(mapping, path);
        if (format == null) {
            return DataConfig.DEFAULTS;
        }
        mapping.entries()
                .forEach(
                        (key, value) -> {
                            if (!keys(CommonKeys.class).contains(key)
                                    && !keys(format).contains(key)
                                    && !key.equals(FORMAT)) {
                                refuse(key, value, format, path);
                            }
                        });
        var shared =
                bind(
                        mapping,
                        path,
                        new CommonKeys(
                                null,
                                null,
                                null,
                                0,
                                0,
                                false,
                                DataConfig.BUFFER_SIZE,
                                RetrievalConfig.NONE,
                                OnBadRow.FAIL));
        var keys = format.keys().stream().map(record -> bind(mapping, path, record)).toList();
        try {
            return new DataConfig(
                    shared.train,
                    shared.validation,
                    shared.test,
                    shared.validationSplit,
                    shared.testSplit,
                    shared.streaming,
                    shared.bufferSize,
                    shared.retrieval,
                    format.withKeys(keys),
                    shared.onBadRow);
        } catch (IllegalArgumentException e) {
            binder.note(e, mapping, path);
            return DataConfig.DEFAULTS;
        }
    }

    /** Binds the entries of a mapping that are components of a record. */
    private <R extends Record> R bind(YamlNode.Mapping mapping, String path, R defaults) {
        var own = new LinkedHashMap<>(mapping.entries());
        own.keySet().retainAll(keys(defaults.getClass()));
        return binder.bind(new YamlNode.Mapping(mapping.place(), own), path, defaults);
    }

    /** The default settings of the named format; null if there is no such format. */
    private @Nullable FormatSettings format(YamlNode.Mapping data, String path) {
        var node = data.entries().get(FORMAT);
        if (node == null) {
            return known.getFirst();
        }
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.value() == null) {
            problems.add(
                    node.place(),
                    RecordBinder.join(path, FORMAT),
                    "takes a value, not " + node.kind());
            return null;
        }
        var name = scalar.value().toString();
        var names = known.stream().map(FormatSettings::name).toList();
        if (!names.contains(name)) {
            var hint = NearestName.hint(name, names);
            problems.add(
                    node.place(),
                    RecordBinder.join(path, FORMAT),
                    "no '"
                            + name
                            + "'; known: "
                            + String.join(", ", names)
                            + (hint.isEmpty()
                                    ? "; one of a plug-in is found in its jar on the class path or"
                                            + " module path, or by --plugins JAR_OR_DIR"
                                    : hint));
            return null;
        }
        return known.get(names.indexOf(name));
    }

    /** Reports a key that the format does not have, unless its value is null. */
    private void refuse(String key, YamlNode value, FormatSettings format, String path) {
        boolean ofAnother = known.stream().anyMatch(other -> keys(other).contains(key));
        if (ofAnother && isNothing(value)) {
            return;
        }
        if (ofAnother) {
            problems.add(value.place(), path, "the format " + format.name() + " has no key " + key);
            return;
        }
        var all = new ArrayList<>(List.of(FORMAT));
        all.addAll(keys(CommonKeys.class));
        all.addAll(all.size() - 1, keys(format));
        problems.add(
                value.place(),
                RecordBinder.join(path, key),
                "no such key; known: " + String.join(", ", all) + NearestName.hint(key, all));
    }

    private static boolean isNothing(YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar scalar -> scalar.value() == null;
            case YamlNode.Sequence sequence -> sequence.items().isEmpty();
            case YamlNode.Mapping mapping -> mapping.entries().isEmpty();
        };
    }

    private static List<String> keys(FormatSettings format) {
        return format.keys().stream().flatMap(keys -> keys(keys.getClass()).stream()).toList();
    }

    private static List<String> keys(Class<?> record) {
        return Arrays.stream(record.getRecordComponents())
                .map(component -> RecordBinder.snakeCase(component.getName()))
                .toList();
    }
}
