package dev.mtl.train.config;

import dev.mtl.train.config.training.TrainingConfig;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A complete configuration.
 *
 * @param tasks by name, in the order of the file
 */
public record RunConfig(
        ModelConfig model,
        SequencedMap<String, TaskConfig> tasks,
        TrainingConfig training,
        OutputConfig output) {
    /** The file of a model's directory with the configuration of its training. */
    public static final String FILE = "config.yaml";

    public RunConfig {
        tasks = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tasks));
    }

    /**
     * The same with absolute paths of data and models, for a reader in another working directory.
     */
    public RunConfig absolute() {
        var named = new LinkedHashMap<String, TaskConfig>();
        tasks.forEach((name, task) -> named.put(name, task.absolute()));
        return new RunConfig(
                model.absolute(),
                named,
                training,
                new OutputConfig(output.absolute().toString(), output.keep()));
    }
}
