package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

class ReplacedModelTest {
    private static final int LOADS = 100;

    @TempDir Path folder;

    @Test
    void aModelThatIsReplacedWhileItIsReadIsReadWhole() throws Exception {
        var models = List.of(model("a", 1), model("b", 2));
        var expected = models.stream().map(ReplacedModelTest::embedding).toList();
        var target = folder.resolve("model");
        replace(target, models.getFirst());
        var done = new AtomicBoolean();
        var random = new Random(1);
        var writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    for (int i = 1; !done.get(); i++) {
                                        replace(target, models.get(i % 2));
                                        // Shorter and longer than a load takes.
                                        LockSupport.parkNanos(random.nextInt(20_000_000));
                                    }
                                });
        try {
            for (int i = 0; i < LOADS; i++) {
                var directory =
                        new ModelDirectory("model", target, target.resolve("tokenizer.json"));
                assertThat(expected).contains(embedding(directory));
            }
        } finally {
            done.set(true);
            writer.join();
        }
    }

    /** The configuration belongs to the weights: other dropout, and another activation. */
    private ModelDirectory model(String name, long seed) throws Exception {
        var model = TinyModel.write(folder.resolve(name), seed, 0);
        if (seed == 2) {
            var config = Files.readString(model.config());
            Files.writeString(model.config(), config.replace("\"gelu\"", "\"relu\""));
        }
        return model;
    }

    private static void replace(Path target, ModelDirectory model) {
        AtomicDirectory.replace(
                target,
                staging -> {
                    for (var name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
                        Files.copy(model.path().resolve(name), staging.resolve(name));
                    }
                });
    }

    private static List<Float> embedding(ModelDirectory model) {
        try (var encoder = SentenceEncoder.load(model, EncoderOptions.defaults())) {
            var embedding = encoder.encode("the blue room");
            return java.util.stream.IntStream.range(0, embedding.length)
                    .mapToObj(i -> embedding[i])
                    .toList();
        }
    }
}
