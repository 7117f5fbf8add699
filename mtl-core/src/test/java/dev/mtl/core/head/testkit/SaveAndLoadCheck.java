package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Saves a model with the head on a tiny random backbone, and loads it. */
final class SaveAndLoadCheck {
    private static final String TASK = "task";
    private static final List<String> TEXTS =
            List.of("play the song", "what is the weather in paris", "book", "a red room");

    private SaveAndLoadCheck() {}

    static <P extends Record> void run(HeadProvider<P> provider, P settings, List<Target> targets) {
        try {
            var folder = Files.createTempDirectory("head-test-kit");
            try {
                run(provider, settings, targets, folder);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <P extends Record> void run(
            HeadProvider<P> provider, P settings, List<Target> targets, Path folder) {
        var backbone = TinyModel.write(folder.resolve("backbone"), 1, 0);
        var labels = provider.learnLabels(settings, targets);
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put(TASK, Task.create(TASK, provider, settings, labels, TinyModel.HIDDEN));
        List<Map<String, Object>> before;
        try (var model = ModelFiles.create(backbone, Readout.MEAN, 40, tasks, Device.CPU)) {
            before = predict(model);
            ModelWriter.save(model, backbone, folder.resolve("model"), Map.of());
        }
        var known = HeadRegistry.load();
        var heads = known.types().contains(provider.type()) ? known : known.with(provider);
        try (var model = ModelFiles.load(folder.resolve("model"), heads, Device.CPU)) {
            var loaded = model.task(TASK).settings();
            if (!loaded.equals(settings)) {
                throw new AssertionError(
                        "saved with the settings %s, loaded with %s: all that YAML can set must be"
                                        .formatted(settings, loaded)
                                + " a component of the record");
            }
            if (!before.equals(predict(model))) {
                throw new AssertionError(
                        "predicts %s before it is saved, but %s after it is loaded: what it has"
                                        .formatted(before, predict(model))
                                + " learned must be in parameters(), settings and labels");
            }
        }
    }

    private static List<Map<String, Object>> predict(MultiTaskModel model) {
        var task = model.task(TASK);
        int each = task.head().textArity().least();
        var examples = new ArrayList<List<PreTokenizedText>>();
        for (int i = 0; i < TEXTS.size(); i++) {
            var texts = new ArrayList<PreTokenizedText>();
            for (int text = 0; text < each; text++) {
                texts.add(PreTokenizedText.of(TEXTS.get((i + text) % TEXTS.size())));
            }
            examples.add(texts);
        }
        try (var predictor = new Predictor(model, Predictor.Options.of(model).withThreads(1))) {
            return predictor.predict(examples, List.of(TASK)).stream()
                    .map(said -> Objects.requireNonNull(said.get(TASK)).toJson())
                    .toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
