package dev.mtl.train.config;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.MissingHead;
import dev.mtl.core.internal.NearestName;
import dev.mtl.core.internal.SettingsRecord;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.RecordBinder;
import dev.mtl.train.config.yaml.YamlNode;
import dev.mtl.train.config.yaml.YamlReader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Reads a configuration file and applies the overrides of options. */
public final class ConfigLoader {
    private static final List<String> SECTIONS = List.of("model", "tasks", "training", "output");

    private final Problems problems = new Problems();
    private final RecordBinder binder = new RecordBinder(problems);
    private final YamlReader yaml;
    private final HeadRegistry heads;

    private ConfigLoader(Map<String, String> environment, HeadRegistry heads) {
        this.yaml = new YamlReader(environment, problems);
        this.heads = heads;
    }

    /**
     * Reads and validates a configuration.
     *
     * @param environment the values of {@code ${NAME}}
     * @param overrides {@code path=value}, the value in YAML's flow style
     * @param heads the head types that tasks may use
     * @throws ConfigurationException with every mistake, each with file, line and path
     */
    public static RunConfig load(
            Path file,
            Map<String, String> environment,
            List<String> overrides,
            HeadRegistry heads) {
        return new ConfigLoader(environment, heads).load(file, overrides);
    }

    private RunConfig load(Path file, List<String> overrides) {
        var root = yaml.readFile(file.toString(), read(file));
        if (!(root instanceof YamlNode.Mapping mapping)) {
            throw new ConfigurationException(
                    root.place() + ": a configuration is a mapping, not " + root.kind());
        }
        overrides.forEach(override -> apply(mapping, override));
        checkKeys(mapping, "", SECTIONS);
        var config =
                new RunConfig(
                        section(mapping, "model", ModelConfig.DEFAULTS),
                        tasks(mapping),
                        section(mapping, "training", TrainingConfig.DEFAULTS),
                        section(mapping, "output", OutputConfig.DEFAULTS));
        var between = new CrossChecks(config, mapping, problems);
        between.checkFrozenHeads();
        between.checkBestMetric();
        between.checkTrainingData();
        problems.throwIfAny();
        return config;
    }

    private static String read(Path file) {
        try (var stream = Files.newInputStream(file)) {
            // A character has at most four bytes; YamlReader counts the characters.
            var bytes = stream.readNBytes(4 * YamlReader.MAX_CHARACTERS + 1);
            if (bytes.length > 4 * YamlReader.MAX_CHARACTERS) {
                throw new ConfigurationException(
                        "%s: has more than %d bytes, a configuration has a few thousand"
                                .formatted(file, bytes.length - 1));
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(file + ": is not UTF-8", e);
        } catch (IOException e) {
            throw new ConfigurationException(
                    Files.exists(file)
                            ? file + ": cannot be read: " + e.getMessage()
                            : file + ": no such file",
                    e);
        }
    }

    private void apply(YamlNode.Mapping root, String override) {
        int equals = override.indexOf('=');
        if (equals < 1) {
            throw new ConfigurationException(
                    "--set " + override + ": takes path=value, such as training.epochs=5");
        }
        var path = override.substring(0, equals).strip();
        var option = "--set " + path;
        var keys = path.split("\\.", -1);
        var at = root;
        for (int i = 0; i < keys.length - 1; i++) {
            var next =
                    at.entries()
                            .computeIfAbsent(
                                    keys[i],
                                    key -> new YamlNode.Mapping(option, new LinkedHashMap<>()));
            if (!(next instanceof YamlNode.Mapping mapping)) {
                problems.add(
                        option, "", "'" + keys[i] + "' is " + next.kind() + ", it has no keys");
                return;
            }
            at = mapping;
        }
        at.entries()
                .put(
                        keys[keys.length - 1],
                        yaml.readOption(option, override.substring(equals + 1)));
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
        if (!(node instanceof YamlNode.Mapping mapping)) {
            problems.add(node.place(), path, "takes a mapping, not " + node.kind());
            return null;
        }
        var head = head(mapping, path);
        var common = new LinkedHashMap<String, YamlNode>();
        var own = new LinkedHashMap<String, YamlNode>();
        mapping.entries()
                .forEach(
                        (key, value) ->
                                (SettingsRecord.TASK_KEYS.contains(key) ? common : own)
                                        .put(key, value));
        var data = data(mapping, path);
        common.remove("head");
        common.remove("data");
        var shared =
                binder.bind(
                        new YamlNode.Mapping(mapping.place(), common),
                        path,
                        new TaskKeys(1.0, null));
        if (head == null || data == null) {
            return null;
        }
        return new TaskConfig(
                name,
                head,
                shared.lossWeight(),
                shared.headLr(),
                data,
                settings(head, mapping, own, path));
    }

    /** The keys that every task has, besides those of its head. */
    private record TaskKeys(double lossWeight, @Nullable Double headLr) {
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

    private Record settings(
            String head, YamlNode.Mapping task, SequencedMap<String, YamlNode> own, String path) {
        return binder.bind(
                new YamlNode.Mapping(task.place(), own), path, heads.provider(head).defaults());
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
        var data = new DataBinder(binder, problems).bind(node, path + ".data");
        if (node instanceof YamlNode.Mapping mapping && !mapping.entries().containsKey("train")) {
            problems.add(
                    node.place(),
                    path + ".data.train",
                    "is missing; a task that is only scored has train: null");
        }
        return data;
    }
}
