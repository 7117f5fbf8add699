package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.settings.ModelSettings;
import dev.mtl.train.settings.OutputSettings;
import dev.mtl.train.settings.TaskSettings;
import dev.mtl.train.settings.TrainingSettings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * What is trained, on which data, and how: read from YAML, or built in Java with the same keys and
 * the same checks. Immutable.
 *
 * <pre>{@code
 * var config =
 *         TrainingConfiguration.builder()
 *                 .model(model -> model.backbone("all-MiniLM-L6-v2").maxLength(64))
 *                 .task("intent", task -> task.head("classification").data(data -> data.train(examples)))
 *                 .training(training -> training.epochs(5).batchSize(32))
 *                 .output(output -> output.dir(Path.of("runs/intents")))
 *                 .build();
 * }</pre>
 */
public final class TrainingConfiguration {
    private final RunConfig config;
    private final HeadRegistry heads;
    private final Map<String, Iterable<Example>> inMemory;

    private TrainingConfiguration(
            RunConfig config, HeadRegistry heads, Map<String, Iterable<Example>> inMemory) {
        this.config = config;
        this.heads = heads;
        this.inMemory = Map.copyOf(inMemory);
    }

    /**
     * Reads a YAML file. {@code ${NAME}} in it is an environment variable; tasks may use the heads
     * of {@link HeadRegistry#load}.
     *
     * @throws ConfigurationException with every mistake, each with file, line and path
     */
    public static TrainingConfiguration read(Path file) {
        return read(file, System.getenv(), List.of(), HeadRegistry.load());
    }

    /**
     * Reads a YAML file.
     *
     * @param environment the values of {@code ${NAME}}
     * @param overrides changes as {@code --set} makes them: {@code training.epochs=5}
     * @param heads the head types that tasks may use
     * @throws ConfigurationException with every mistake, each with file, line and path
     */
    public static TrainingConfiguration read(
            Path file,
            Map<String, String> environment,
            List<String> overrides,
            HeadRegistry heads) {
        return new TrainingConfiguration(
                ConfigLoader.load(file, environment, overrides, heads), heads, Map.of());
    }

    /** Starts a configuration whose keys all have their defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The whole configuration as YAML, every default included, as {@code mtl train --print-config}
     * prints it. A data set in memory is {@code memory:NAME} there, from which it cannot be read.
     */
    public String toYaml() {
        return ConfigPrinter.print(config);
    }

    @Override
    public String toString() {
        return toYaml();
    }

    RunConfig config() {
        return config;
    }

    /**
     * Where the encoder comes from: {@code model.init_from} if it is given, else {@code
     * model.backbone}, a name of the model store or a directory.
     */
    public String backbone() {
        return config.model().encoder();
    }

    /** {@code training.seeds}: the seeds of several runs of {@code mtl train}. */
    public List<Long> seeds() {
        return config.training().seeds().stream().map(Long::parseLong).toList();
    }

    /** {@code output.dir}. */
    public Path output() {
        return config.output().model();
    }

    HeadRegistry heads() {
        return heads;
    }

    /** Data sets by what {@link #config} has instead of a file. */
    Map<String, Iterable<Example>> inMemory() {
        return inMemory;
    }

    /** The keys of a configuration, by sections as in YAML. Not thread-safe. */
    public static final class Builder {
        private final ModelSettings model = new ModelSettings();
        private final SequencedMap<String, TaskSettings> tasks = new LinkedHashMap<>();
        private final TrainingSettings training = new TrainingSettings();
        private final OutputSettings output = new OutputSettings();
        private @Nullable HeadRegistry heads;
        private @Nullable Path base;

        private Builder() {}

        /** Starts from a YAML file, whose keys this builder changes and adds to. */
        public Builder from(Path file) {
            base = file;
            return this;
        }

        /** The head types that tasks may use, instead of those of {@link HeadRegistry#load}. */
        public Builder heads(HeadRegistry registry) {
            heads = registry;
            return this;
        }

        /** The shared encoder. Repeated calls add to each other, here and below. */
        public Builder model(Consumer<ModelSettings> keys) {
            keys.accept(model);
            return this;
        }

        /** A task; tasks keep the order of their first calls. */
        public Builder task(String name, Consumer<TaskSettings> keys) {
            keys.accept(tasks.computeIfAbsent(name, _ -> new TaskSettings()));
            return this;
        }

        /** How it is trained. */
        public Builder training(Consumer<TrainingSettings> keys) {
            keys.accept(training);
            return this;
        }

        /** Where training writes. */
        public Builder output(Consumer<OutputSettings> keys) {
            keys.accept(output);
            return this;
        }

        /**
         * Checks everything, as reading a YAML file does.
         *
         * @throws ConfigurationException with every mistake, each with the path of its key
         */
        public TrainingConfiguration build() {
            var objects = new BuiltTasks(heads == null ? HeadRegistry.load() : heads);
            var sections = new LinkedHashMap<String, Map<String, ?>>();
            sections.put("model", model.toMap());
            sections.put("tasks", objects.replaceIn(tasks));
            sections.put("training", training.toMap());
            sections.put("output", output.toMap());
            return new TrainingConfiguration(
                    ConfigLoader.build(base, System.getenv(), sections, objects.heads()),
                    objects.heads(),
                    objects.inMemory());
        }
    }
}
