package dev.mtl.server;

import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.testing.RandomHeads;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.server.settings.ModelSource;

import java.nio.file.Path;
import java.util.List;

/** Tiny models to serve: with heads of all kinds, and without. */
final class TinyServed {
    static final List<String> INTENTS = List.of("Ask", "Book", "Play");

    private TinyServed() {}

    /** A model with tasks of labels, entities and similarity, by its name. */
    static ModelSource trained(String name, Path folder, long seed) {
        var backbone = TinyModel.write(folder.resolve("backbone-" + name), seed, 0.1);
        var saved = folder.resolve(name);
        save(backbone, saved, seed);
        return new ModelSource(name, ModelStore.standard().resolve(saved.toString()));
    }

    static void save(ModelDirectory backbone, Path saved, long seed) {
        RandomHeads.save(
                backbone,
                saved,
                seed,
                RandomHeads.task("intent", "classification", INTENTS.toArray(String[]::new)),
                RandomHeads.task("slots", "token-classification", "O", "B-city", "I-city"),
                RandomHeads.task("alike", "similarity"));
    }

    /** An encoder without tasks. */
    static ModelSource encoder(String name, Path folder, long seed) {
        return new ModelSource(name, TinyModel.write(folder.resolve(name), seed, 0.1));
    }
}
