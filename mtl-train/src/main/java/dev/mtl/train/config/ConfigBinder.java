package dev.mtl.train.config;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.internal.MissingHead;
import dev.mtl.core.internal.NearestName;
import dev.mtl.core.plugin.SettingsRecord;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.config.yaml.Checks;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.RecordBinder;
import dev.mtl.train.config.yaml.YamlNode;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Binds the sections of a configuration, and validates each and all of them together. */
final class ConfigBinder {
    private static final List<String> SECTIONS = List.of("model", "tasks", "training", "output");

    private final Problems problems;
    private final RecordBinder binder;
    private final HeadRegistry heads;
    private @Nullable Inherited inherited;

    ConfigBinder(Problems problems, HeadRegistry heads) {
        this.problems = problems;
        this.binder = new RecordBinder(problems);
        this.heads = heads;
    }

    /**
     * Binds a configuration.
     *
     * @throws dev.mtl.core.ConfigurationException with every mistake, those noted before included
     */
    RunConfig bind(YamlNode.Mapping root) {
        checkKeys(root, "", SECTIONS);
        inherited = Inherited.of(root, heads, problems);
        var config =
                new RunConfig(
                        section(root, "model", inherited.model()),
                        tasks(root),
                        section(root, "training", TrainingConfig.DEFAULTS),
                        section(root, "output", OutputConfig.DEFAULTS));
        var between = new CrossChecks(config, root, problems);
        between.checkFrozenHeads();
        between.checkBestMetric();
        between.checkTrainingData();
        problems.throwIfAny();
        return config;
    }

    private void checkKeys(YamlNode.Mapping mapping, String path, List<String> known) {
        for (var entry : mapping.entries().entrySet()) {
            if (!known.contains(entry.getKey())) {
                problems.add(
                        entry.getValue().place(),
                        RecordBinder.join(path, entry.getKey()),
                        "no such key; known: "
                                + String.join(", ", known)
                                + NearestName.hint(entry.getKey(), known));
            }
        }
    }

    private <R extends Record> R section(YamlNode.Mapping root, String key, R defaults) {
        var node = root.entries().get(key);
        return node == null ? defaults : binder.bind(node, key, defaults);
    }

    private SequencedMap<String, TaskConfig> tasks(YamlNode.Mapping root) {
        var tasks = new LinkedHashMap<String, TaskConfig>();
        var node = root.entries().get("tasks");
        if (!(node instanceof YamlNode.Mapping mapping) || mapping.entries().isEmpty()) {
            problems.add(
                    node == null ? root.place() : node.place(),
                    "tasks",
                    "at least one task is needed: tasks: {NAME: {head: ..., data: {...}}}");
            return tasks;
        }
        mapping.entries()
                .forEach(
                        (name, task) -> {
                            var config = task(name, task);
                            if (config != null) {
                                tasks.put(name, config);
                            }
                        });
        return tasks;
    }

    private @Nullable TaskConfig task(String name, YamlNode node) {
        var path = "tasks." + name;
        if (!name.matches("[A-Za-z0-9_-]+")) {
            problems.add(node.place(), path, "a task's name has letters, digits, '-' and '_' only");
            return null;
        }
        var trained = inherited == null ? null : inherited.tasks().get(name);
        if (!(node instanceof YamlNode.Mapping mapping)) {
            problems.add(node.place(), path, "takes a mapping, not " + node.kind());
            return null;
        }
        var head =
                trained != null && !mapping.entries().containsKey("head")
                        ? trained.type()
                        : head(mapping, path);
        var common = new LinkedHashMap<String, YamlNode>();
        var ofHead = new LinkedHashMap<String, YamlNode>();
        mapping.entries()
                .forEach(
                        (key, value) ->
                                (SettingsRecord.TASK_KEYS.contains(key) ? common : ofHead)
                                        .put(key, value));
        // a task that stays as it is needs no data
        var data =
                trained != null && !mapping.entries().containsKey("data")
                        ? DataConfig.DEFAULTS
                        : data(mapping, path);
        common.remove("head");
        common.remove("data");
        var layers =
                layers(
                        common.remove("layers"),
                        path + ".layers",
                        trained == null ? LayerMix.LAST : trained.layers());
        var shared =
                binder.bind(
                        new YamlNode.Mapping(mapping.place(), common),
                        path,
                        new TaskKeys(1.0, null, OnUnknownLabel.WRONG));
        if (head == null || data == null) {
            return null;
        }
        var provider = heads.provider(head);
        var settings =
                binder.bind(
                        new YamlNode.Mapping(mapping.place(), ofHead),
                        path,
                        trained != null && trained.type().equals(head)
                                ? trained.settings()
                                : provider.defaults());
        return new TaskConfig(
                name,
                head,
                shared.lossWeight(),
                shared.headLr(),
                layers,
                shared.onUnknownLabel(),
                data,
                provider.tagsMarkEntities(),
                provider.masksTexts(),
                TargetReader.of(provider, settings),
                settings);
    }

    /** Which layers a head reads: a word, or a list of numbers. */
    private LayerMix layers(@Nullable YamlNode node, String path, LayerMix otherwise) {
        switch (node) {
            case null -> {
                return otherwise;
            }
            case YamlNode.Scalar(var _, var value) when "last".equals(value) -> {
                return LayerMix.LAST;
            }
            case YamlNode.Scalar(var _, var value) when "all".equals(value) -> {
                return LayerMix.ALL;
            }
            case YamlNode.Sequence(var place, var items) when areNumbers(items) -> {
                try {
                    return new LayerMix(
                            false,
                            items.stream().map(item -> number((YamlNode.Scalar) item)).toList());
                } catch (IllegalArgumentException e) {
                    problems.add(place, path, String.valueOf(e.getMessage()));
                    return otherwise;
                }
            }
            default -> {
                problems.add(
                        node.place(),
                        path,
                        "takes all, last, or a list of layers such as [4, 8, 12]");
                return otherwise;
            }
        }
    }

    private static boolean areNumbers(List<YamlNode> items) {
        return !items.isEmpty()
                && items.stream()
                        .allMatch(
                                item ->
                                        item instanceof YamlNode.Scalar scalar
                                                && String.valueOf(scalar.value())
                                                        .matches("-?[0-9]{1,6}"));
    }

    private static int number(YamlNode.Scalar scalar) {
        return Integer.parseInt(String.valueOf(scalar.value()));
    }

    /** The keys that every task has, besides those of its head. */
    private record TaskKeys(
            double lossWeight, @Nullable Double headLr, OnUnknownLabel onUnknownLabel) {
        TaskKeys {
            Checks.atLeast("loss_weight", lossWeight, 0);
            Checks.positive("head_lr", headLr == null ? 1 : headLr);
        }
    }

    private @Nullable String head(YamlNode.Mapping task, String path) {
        var node = task.entries().get("head");
        var types = heads.types();
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.value() == null) {
            problems.add(
                    node == null ? task.place() : node.place(),
                    path + ".head",
                    "is missing; known: " + String.join(", ", types));
            return null;
        }
        var type = scalar.value().toString();
        if (!types.contains(type)) {
            var hint = NearestName.hint(type, types);
            problems.add(
                    node.place(),
                    path + ".head",
                    "no head '"
                            + type
                            + "'; known: "
                            + (types.isEmpty() ? "none" : String.join(", ", types))
                            + (hint.isEmpty() ? "; " + MissingHead.ADVICE : hint));
            return null;
        }
        return type;
    }

    private @Nullable DataConfig data(YamlNode.Mapping task, String path) {
        var node = task.entries().get("data");
        if (node == null) {
            problems.add(
                    task.place(),
                    path + ".data",
                    "is missing: {format: ..., train: ..., column: ...}");
            return null;
        }
        var data =
                new DataBinder(binder, problems, FormatSettings.defaults(heads.formats()))
                        .bind(node, path + ".data");
        if (node instanceof YamlNode.Mapping mapping && !mapping.entries().containsKey("train")) {
            problems.add(
                    node.place(),
                    path + ".data.train",
                    "is missing; a task that is only scored has train: null");
        }
        return data;
    }
}
