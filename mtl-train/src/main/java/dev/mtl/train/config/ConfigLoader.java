package dev.mtl.train.config;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.ValueNodes;
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

/** Reads configurations: a file with the overrides of options, or the keys of a builder. */
public final class ConfigLoader {
    private final Problems problems = new Problems();
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

    /**
     * Validates a configuration that is built in Java.
     *
     * @param base a file whose keys the sections change and add to; null for none
     * @param environment the values of {@code ${NAME}} in the file
     * @param sections keys and values as YAML would have them, see {@link ValueNodes}
     * @param heads the head types that tasks may use
     * @throws ConfigurationException with every mistake, each with its path, and with file and line
     *     if it is one of the file
     */
    public static RunConfig build(
            @Nullable Path base,
            Map<String, String> environment,
            Map<String, ?> sections,
            HeadRegistry heads) {
        var loader = new ConfigLoader(environment, heads);
        var root = base == null ? ValueNodes.mapping() : loader.root(base);
        new ValueNodes(loader.problems).put(root, "", sections);
        return new ConfigBinder(loader.problems, heads).bind(root);
    }

    /**
     * The ranges that a configuration has in place of values.
     *
     * @param environment the values of {@code ${NAME}}
     * @param overrides {@code path=value}, the value in YAML's flow style
     * @throws ConfigurationException with every range that is none, each with file and line
     */
    public static SearchSpace ranges(
            Path file,
            Map<String, String> environment,
            List<String> overrides,
            HeadRegistry heads) {
        var loader = new ConfigLoader(environment, heads);
        var root = loader.root(file);
        overrides.forEach(override -> loader.apply(root, override));
        var space = SearchSpace.of(root, loader.problems);
        loader.problems.throwIfAny();
        return space;
    }

    private RunConfig load(Path file, List<String> overrides) {
        var root = root(file);
        overrides.forEach(override -> apply(root, override));
        return new ConfigBinder(problems, heads).bind(root);
    }

    private YamlNode.Mapping root(Path file) {
        var root = yaml.readFile(file.toString(), read(file));
        if (!(root instanceof YamlNode.Mapping mapping)) {
            throw new ConfigurationException(
                    root.place() + ": a configuration is a mapping, not " + root.kind());
        }
        return mapping;
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
                            ? file + ": cannot be read: " + Reasons.of(e)
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
}
