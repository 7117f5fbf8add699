package dev.mtl.spark;

import dev.mtl.core.nn.Precision;
import dev.mtl.core.store.ModelDirectory;

import org.jspecify.annotations.Nullable;

import java.io.Serializable;

/** How an executor loads and uses a model; equal ones share a model. */
interface ModelSettings extends Serializable {
    /**
     * What all models have.
     *
     * @param maxLength null for the model's
     */
    record Common(@Nullable Integer maxLength, Precision precision, String device)
            implements Serializable {}

    /**
     * Loads the model.
     *
     * @param workers batches that run at once, each on one core
     */
    LoadedModel load(ModelDirectory directory, int workers);
}
