package dev.mtl.train.config;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.YamlNode;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The defaults of a configuration that goes on from a trained model, {@code model.init_from}: those
 * of its encoder and its heads.
 *
 * @param model the defaults of the section {@code model}
 * @param tasks the model's, by name
 */
record Inherited(ModelConfig model, SequencedMap<String, Task> tasks) {
    private static final Inherited NOTHING =
            new Inherited(ModelConfig.DEFAULTS, Collections.emptySortedMap());

    /**
     * Reads the model that a configuration names. One that is not there gives nothing: a saved
     * configuration is complete, and is read where the model may be gone.
     */
    static Inherited of(YamlNode.Mapping root, HeadRegistry heads, Problems problems) {
        if (!(root.entries().get("model") instanceof YamlNode.Mapping model)
                || !(model.entries().get("init_from") instanceof YamlNode.Scalar scalar)
                || !(scalar.value() instanceof String name)
                || !ModelFiles.isModel(Path.of(name))) {
            return NOTHING;
        }
        try {
            var trained = ModelFiles.describe(Path.of(name), heads);
            var readout = trained.readout();
            return new Inherited(
                    new ModelConfig(
                            ModelConfig.DEFAULTS.backbone(),
                            null,
                            readout.poolings().size() == 1
                                    ? readout.poolings().getFirst()
                                    : Pooling.MEAN,
                            readout.normalization(),
                            readout.truncateDim(),
                            trained.maxLength(),
                            trained.prompt()),
                    new LinkedHashMap<>(trained.tasks()));
        } catch (MtlException e) {
            problems.add(scalar.place(), "model.init_from", String.valueOf(e.getMessage()));
            return NOTHING;
        }
    }
}
