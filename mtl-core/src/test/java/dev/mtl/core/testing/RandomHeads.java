package dev.mtl.core.testing;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@link TinyModel} with heads of random weights, saved as {@code mtl train} does. */
public final class RandomHeads {
    private static final int MAX_LENGTH = 24;

    private RandomHeads() {}

    /** A task of a head type of the class path, with the head's defaults. */
    public static Task task(String name, String type, String... labels) {
        var provider = HeadRegistry.load().provider(type);
        return Task.create(name, provider, provider.defaults(), List.of(labels), TinyModel.HIDDEN);
    }

    /** Writes a model; the same seed gives the same weights. */
    public static void save(ModelDirectory backbone, Path directory, long seed, Task... tasks) {
        var byName = new LinkedHashMap<String, Task>();
        for (var task : tasks) {
            byName.put(task.name(), task);
        }
        try (var _ = RandomStream.open(seed);
                var model =
                        ModelFiles.create(backbone, Readout.MEAN, MAX_LENGTH, byName, Device.CPU)) {
            ModelWriter.save(model, backbone, directory, Map.of());
        }
    }
}
