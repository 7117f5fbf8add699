package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A backbone that is loaded and saved keeps each of its tensors, by name and to the bit. */
class BackboneRoundTripTest {
    private static final Path GOLDEN = Path.of("../mtl-core/src/test/resources/dev/mtl/core/bert");

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert",
                "distilbert",
                "mpnet",
                "roberta",
                "xlm-roberta",
                "electra",
                "modernbert",
                "nomic_bert",
                "gte",
                "eurobert",
                "deberta-v3",
                "deberta-v2"
            })
    void ofEachKind(String type) throws IOException {
        for (var file : List.of("config.json", "model.safetensors")) {
            Files.copy(GOLDEN.resolve("tiny-" + type).resolve(file), folder.resolve(file));
        }
        var tokenizer = TinyTokenizer.write(folder);
        check(new ModelDirectory(type, folder, tokenizer));
    }

    @Test
    @Tag("real")
    void ofBertBaseUncased() throws IOException {
        check(ModelStore.standard().resolve("bert-base-uncased"));
    }

    private void check(ModelDirectory backbone) throws IOException {
        var saved = folder.resolve("saved");
        var provider = HeadRegistry.load().provider("classification");
        int hidden = BertConfig.read(backbone.config()).hiddenSize();
        var task = Task.create("a", provider, provider.defaults(), List.of("x", "y"), hidden);
        var tasks = new LinkedHashMap<>(Map.of("a", task));
        try (var _ = RandomStream.open(1);
                var model = ModelFiles.create(backbone, Readout.MEAN, 16, tasks, Device.CPU)) {
            ModelWriter.save(model, backbone, saved, Map.of());
        }
        assertThat(BertConfig.read(saved.resolve("config.json")))
                .isEqualTo(BertConfig.read(backbone.config()));
        try (var before = SafetensorsReader.open(backbone.weights());
                var after = SafetensorsReader.open(saved.resolve("model.safetensors"))) {
            assertThat(before.tensors().keySet()).containsAll(after.tensors().keySet());
            assertThat(after.tensors()).hasSizeGreaterThan(10);
            for (var info : after.tensors().values()) {
                assertThat(info).isEqualTo(before.info(info.name()));
                assertThat(after.read(info.name()).mismatch(before.read(info.name())))
                        .as(info.name())
                        .isEqualTo(-1);
            }
        }
    }
}
