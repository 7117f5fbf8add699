package dev.mtl.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

@ExtendWith(LeavesNoTensorBehind.class)
class LayerPruningTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert",
                "distilbert",
                "mpnet",
                "roberta",
                "electra",
                "nomic_bert",
                "gte",
                "eurobert",
                "deberta-v3",
                "deberta-v2"
            })
    void theLastLayerIsTheOnlyOneOfTheStudent(String type) throws IOException {
        var model = tiny(type);
        var config = BertConfig.read(model.config());
        int depth = config.numHiddenLayers();
        var student = folder.resolve("student");
        LayerPruning.prune(model, List.of(depth), student);

        var pruned = BertConfig.read(student.resolve("config.json"));
        assertThat(pruned.numHiddenLayers()).isEqualTo(1);
        try (var owner = TensorScope.shared()) {
            var whole = BertWeights.load(model.weights(), config, Device.CPU, owner);
            var kept =
                    BertWeights.load(
                            student.resolve("model.safetensors"), pruned, Device.CPU, owner);
            for (var name : kept.names()) {
                var original =
                        name.contains(".convolution.")
                                ? name
                                : name.replace("layer.0.", "layer." + (depth - 1) + ".");
                assertThat(bits(kept, name)).as(name).isEqualTo(bits(whole, original));
            }
        }
        assertThat(SentenceModules.readout(student))
                .isEqualTo(SentenceModules.readout(model.path()));
    }

    @Test
    void layersThatAttendToOtherDistancesAreRefused() {
        assertThatThrownBy(
                        () ->
                                LayerPruning.prune(
                                        tiny("modernbert"), List.of(1), folder.resolve("x")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("attend to a window");
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "'2,1'", "'1,1'", "''"})
    void layersThatAreNotThereOrInOrderAreRefused(String layers) {
        var model = TinyModel.write(folder.resolve("model"), 1, 0);
        var chosen =
                Stream.of(layers.split(","))
                        .filter(layer -> !layer.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
        assertThatThrownBy(() -> LayerPruning.prune(model, chosen, folder.resolve("x")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("layers 1 to 2 of ");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void aDirectoryOfOtherThingsIsLeftAlone() throws IOException {
        var model = TinyModel.write(folder.resolve("model"), 1, 0);
        var used = Files.createDirectory(folder.resolve("used"));
        Files.writeString(used.resolve("thesis.txt"), "the only copy");
        assertThatThrownBy(() -> LayerPruning.prune(model, List.of(1), used))
                .hasMessageContaining("exists already");
        assertThat(used.resolve("thesis.txt")).hasContent("the only copy");
    }

    private static byte[] bits(Parameters weights, String name) {
        Tensor tensor = weights.get(name);
        var bytes = ByteBuffer.allocate(Math.toIntExact(tensor.numel() * 4));
        tensor.copyTo(bytes);
        return bytes.array();
    }

    private ModelDirectory tiny(String type) throws IOException {
        var from = Path.of("src/test/resources/dev/mtl/core/bert/tiny-" + type);
        return new ModelDirectory(type, from, TinyTokenizer.write(folder));
    }
}
