package dev.mtl.server;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.server.settings.ModelSource;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tiny models to serve: with heads of all kinds, and without. */
final class TinyServed {
    static final List<String> INTENTS = List.of("Ask", "Book", "Play");

    private static final HeadRegistry HEADS = HeadRegistry.load();

    private TinyServed() {}

    /** A model with tasks of labels, entities and similarity, by its name. */
    static ModelSource trained(String name, Path folder, long seed) {
        var backbone = TinyModel.write(folder.resolve("backbone-" + name), seed, 0.1);
        var saved = folder.resolve(name);
        save(backbone, saved, seed);
        return new ModelSource(name, ModelStore.standard().resolve(saved.toString()));
    }

    static void save(ModelDirectory backbone, Path saved, long seed) {
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put("intent", task("intent", "classification", INTENTS));
        tasks.put("slots", task("slots", "token-classification", List.of("O", "B-city", "I-city")));
        tasks.put("alike", task("alike", "similarity", List.of()));
        try (var _ = RandomStream.open(seed);
                var model = ModelFiles.create(backbone, Readout.MEAN, 24, tasks, Device.CPU)) {
            ModelWriter.save(model, backbone, saved, Map.of());
        }
    }

    private static Task task(String name, String type, List<String> labels) {
        var provider = HEADS.provider(type);
        return Task.create(name, provider, provider.defaults(), labels, TinyModel.HIDDEN);
    }

    /** An encoder without tasks. */
    static ModelSource encoder(String name, Path folder, long seed) {
        return new ModelSource(name, TinyModel.write(folder.resolve(name), seed, 0.1));
    }
}
