package dev.mtl.heads;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.heads.token.TokenClassificationProvider;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;

import java.util.LinkedHashMap;
import java.util.List;

/** Tiny random models with a head of each kind. */
final class TinyTasks {
    static final HeadRegistry HEADS = HeadRegistry.load();
    static final List<String> TAGS = List.of("O", "B-day", "I-day", "B-\u00fc \"x\"");
    static final int MAX_LENGTH = 24;

    private TinyTasks() {}

    /** With the tasks intent, slots, chain (a CRF) and stars (a regression). */
    static MultiTaskModel create(ModelDirectory backbone, Readout readout) {
        var crf =
                new TokenClassificationProvider.Settings(
                        0.2,
                        0,
                        ClassWeights.none(),
                        TokenClassificationProvider.Decoding.CONSTRAINED,
                        true,
                        true,
                        null);
        var tagging = HEADS.provider("token-classification");
        return create(
                backbone,
                readout,
                task("intent", "classification", List.of("Book", "Play")),
                task("slots", "token-classification", TAGS),
                Task.create("chain", tagging, crf, TAGS, TinyModel.HIDDEN),
                task("stars", "regression", List.of("1")));
    }

    static MultiTaskModel create(ModelDirectory backbone, Readout readout, Task... tasks) {
        return create(backbone, readout, Device.CPU, tasks);
    }

    static MultiTaskModel create(
            ModelDirectory backbone, Readout readout, Device device, Task... tasks) {
        var byName = new LinkedHashMap<String, Task>();
        for (var task : tasks) {
            byName.put(task.name(), task);
        }
        try (var _ = RandomStream.open(9)) {
            return ModelFiles.create(backbone, readout, MAX_LENGTH, byName, device);
        }
    }

    static Task task(String name, String type, List<String> labels) {
        return task(name, HEADS.provider(type), labels);
    }

    static Task task(String name, HeadProvider<?> provider, List<String> labels) {
        return Task.create(name, provider, provider.defaults(), labels, TinyModel.HIDDEN);
    }
}
