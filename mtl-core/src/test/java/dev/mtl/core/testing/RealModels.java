package dev.mtl.core.testing;

import dev.mtl.core.store.ModelDirectory;

import java.nio.file.Path;

/** Real models, from the store. */
public final class RealModels {
    private RealModels() {}

    /** The model of this name, fetched and converted once per machine. */
    public static ModelDirectory resolve(String name) {
        return ModelDirectory.of(Path.of("/tmp/peers/models", name));
    }
}
