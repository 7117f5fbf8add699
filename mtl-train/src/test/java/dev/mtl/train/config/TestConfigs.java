package dev.mtl.train.config;

import dev.mtl.train.config.training.FreezingConfig;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.RecordBinder;
import dev.mtl.train.config.yaml.YamlReader;

import java.util.Map;

/** Parts of configurations for tests, from YAML's flow style. */
public final class TestConfigs {
    private TestConfigs() {}

    /** A {@code training} section over the defaults: {@code {max_steps: 12, seed: 1}}. */
    public static TrainingConfig training(String yaml) {
        return bind(yaml, TrainingConfig.DEFAULTS);
    }

    /** A {@code freezing} section over the defaults. */
    public static FreezingConfig freezing(String yaml) {
        return bind(yaml, TrainingConfig.DEFAULTS.freezing());
    }

    private static <R extends Record> R bind(String yaml, R defaults) {
        var problems = new Problems();
        var node = new YamlReader(Map.of(), problems).readFile("test", yaml);
        var config = new RecordBinder(problems).bind(node, "", defaults);
        problems.throwIfAny();
        return config;
    }
}
