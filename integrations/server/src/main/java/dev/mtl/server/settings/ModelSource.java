package dev.mtl.server.settings;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.core.store.ModelDirectory;

import java.nio.file.Files;

/**
 * A model to serve: a trained one, or an encoder.
 *
 * @param name by which clients ask for it
 * @param files of the model; read again when it is reloaded
 */
public record ModelSource(String name, ModelDirectory files) {
    public ModelSource {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new ConfigurationException(
                    "model name '"
                            + name
                            + "': letters, digits, '.', '_' and '-'; give another one with"
                            + " NAME=DIRECTORY");
        }
    }

    /**
     * Loads the model.
     *
     * @throws ConfigurationException if the options do not fit it
     * @throws dev.mtl.core.MtlException if files are missing or damaged
     */
    public Pipeline load(PipelineOptions options) {
        return Files.exists(files.path().resolve("mtl.json"))
                ? Pipeline.load(files.path(), options)
                : Pipeline.loadEncoder(files.path(), files.tokenizerJson(), options);
    }
}
