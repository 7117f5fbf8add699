package dev.mtl.core.testing;

import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;

/** Real models, from the store. */
public final class RealModels {
    private RealModels() {}

    /** The model of this name, fetched and converted once per machine. */
    public static ModelDirectory resolve(String name) {
        return ModelStore.standard().resolve(name);
    }
}
