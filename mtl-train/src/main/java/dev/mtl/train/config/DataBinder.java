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
 */
record DataBinder(RecordBinder binder, Problems problems) {
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
        var common = new LinkedHashMap<String, YamlNode>();
        var ofFormat = new LinkedHashMap<String, YamlNode>();
        mapping.entries()
                .forEach(
                        (key, value) -> {
                            if (keys(CommonKeys.class).contains(key)) {
                                common.put(key, value);
                            } else if (keys(format.getClass()).contains(key)) {
                                ofFormat.put(key, value);
                            } else if (!key.equals(FORMAT)) {
                                refuse(key, value, format, path);
                            }
                        });
        var shared =
                binder.bind(
                        new YamlNode.Mapping(mapping.place(), common),
                        path,
                        new CommonKeys(
                                null,
                                null,
                                null,
                                0,
                                0,
                                false,
                                DataConfig.BUFFER_SIZE,
                                OnBadRow.FAIL));
        var settings =
                (FormatSettings)
                        binder.bind(
                                new YamlNode.Mapping(mapping.place(), ofFormat),
                                path,
                                (Record) format);
        try {
            return new DataConfig(
                    shared.train,
                    shared.validation,
                    shared.test,
                    shared.validationSplit,
                    shared.testSplit,
                    shared.streaming,
                    shared.bufferSize,
                    settings,
                    shared.onBadRow);
        } catch (IllegalArgumentException e) {
            binder.note(e, mapping, path);
            return DataConfig.DEFAULTS;
        }
    }

    /** The default settings of the named format; null if there is no such format. */
    private @Nullable FormatSettings format(YamlNode.Mapping data, String path) {
        var node = data.entries().get(FORMAT);
        var known = FormatSettings.defaults();
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
            problems.add(
                    node.place(),
                    RecordBinder.join(path, FORMAT),
                    "no '"
                            + name
                            + "'; known: "
                            + String.join(", ", names)
                            + NearestName.hint(name, names));
            return null;
        }
        return known.get(names.indexOf(name));
    }

    /** Reports a key that the format does not have, unless its value is null. */
    private void refuse(String key, YamlNode value, FormatSettings format, String path) {
        boolean ofAnother =
                FormatSettings.defaults().stream()
                        .anyMatch(other -> keys(other.getClass()).contains(key));
        if (ofAnother && isNothing(value)) {
            return;
        }
        if (ofAnother) {
            problems.add(value.place(), path, "the format " + format.name() + " has no key " + key);
            return;
        }
        var known = new ArrayList<>(List.of(FORMAT));
        known.addAll(keys(CommonKeys.class));
        known.addAll(known.size() - 1, keys(format.getClass()));
        problems.add(
                value.place(),
                RecordBinder.join(path, key),
                "no such key; known: " + String.join(", ", known) + NearestName.hint(key, known));
    }

    private static boolean isNothing(YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar scalar -> scalar.value() == null;
            case YamlNode.Sequence sequence -> sequence.items().isEmpty();
            case YamlNode.Mapping mapping -> mapping.entries().isEmpty();
        };
    }

    private static List<String> keys(Class<?> record) {
        return Arrays.stream(record.getRecordComponents())
                .map(component -> RecordBinder.snakeCase(component.getName()))
                .toList();
    }
}
