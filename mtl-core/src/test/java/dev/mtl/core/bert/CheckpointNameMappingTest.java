package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.core.weights.SafetensorsWriter;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Weight files of all kinds against the tiny BERT of {@code golden_bert.py}. */
class CheckpointNameMappingTest {
    private static final Path FOLDER = Path.of("src/test/resources/dev/mtl/core/bert/tiny-bert");
    private static final String QUERY = "encoder.layer.1.attention.self.query.weight";

    @TempDir Path directory;
    private final BertConfig config = BertConfig.read(FOLDER.resolve("config.json"));

    /** A tensor to write. */
    private record Item(TensorInfo info, ByteBuffer bytes) {
        Item named(String name) {
            return new Item(new TensorInfo(name, info.dtype(), info.shape()), bytes);
        }
    }

    private static Map<String, Item> tiny() throws IOException {
        var items = new LinkedHashMap<String, Item>();
        try (var reader = SafetensorsReader.open(FOLDER.resolve("model.safetensors"))) {
            reader.tensors()
                    .forEach((name, info) -> items.put(name, new Item(info, reader.read(name))));
        }
        return items;
    }

    private Path write(String file, Iterable<Item> items) {
        var byName = new LinkedHashMap<String, Item>();
        items.forEach(item -> byName.put(item.info().name(), item));
        var path = directory.resolve(file);
        SafetensorsWriter.write(
                path,
                byName.values().stream().map(Item::info).toList(),
                SafetensorsWriter.PYTORCH,
                info -> byName.get(info.name()).bytes().duplicate());
        return path;
    }

    private Map<String, float[]> load(Path file) {
        try (var owner = TensorScope.shared()) {
            var weights = BertWeights.load(file, config, Device.CPU, owner);
            var values = new LinkedHashMap<String, float[]>();
            weights.names().forEach(name -> values.put(name, weights.get(name).toFloats()));
            return values;
        }
    }

    private void assertSame(Path file) {
        var expected = load(FOLDER.resolve("model.safetensors"));
        load(file).forEach((name, values) -> assertThat(values).isEqualTo(expected.get(name)));
    }

    @Test
    void readsCheckpointsWithAHeadAPoolerAndOlderNames() throws IOException {
        UnaryOperator<String> older =
                name ->
                        "bert."
                                + name.replace("LayerNorm.weight", "LayerNorm.gamma")
                                        .replace("LayerNorm.bias", "LayerNorm.beta");
        var items = new ArrayList<Item>();
        tiny().forEach((name, item) -> items.add(item.named(older.apply(name))));
        var any = items.getFirst();
        for (var more :
                List.of(
                        "bert.pooler.dense.weight",
                        "bert.embeddings.position_ids",
                        "classifier.weight",
                        "cls.predictions.bias")) {
            items.add(any.named(more));
        }
        assertSame(write("model.safetensors", items));
    }

    @Test
    void readsWeightsInSeveralFiles() throws IOException {
        assertSame(sharded(Map.of()));
    }

    /** The tiny model in two files, and an index in which some tensors are elsewhere. */
    private Path sharded(Map<String, String> elsewhere) throws IOException {
        var halves = List.of(new ArrayList<Item>(), new ArrayList<Item>());
        var map = new ArrayList<String>();
        int i = 0;
        for (var item : tiny().values()) {
            int half = i++ % 2;
            halves.get(half).add(item);
            var name = item.info().name();
            var file = "model-0000%d-of-00002.safetensors".formatted(half + 1);
            map.add("\"%s\": \"%s\"".formatted(name, elsewhere.getOrDefault(name, file)));
        }
        write("model-00001-of-00002.safetensors", halves.get(0));
        write("model-00002-of-00002.safetensors", halves.get(1));
        return Files.writeString(
                directory.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {%s}}"
                        .formatted(String.join(", ", map)));
    }

    @ParameterizedTest
    @CsvSource({
        "model-00003-of-00002.safetensors, no such file",
        "../model-00001-of-00002.safetensors, is not a .safetensors file in the same folder",
        "/etc/passwd, is not a .safetensors file in the same folder",
        "model.bin, is not a .safetensors file in the same folder",
    })
    void rejectsAnIndexThatLeadsElsewhere(String file, String reason) throws IOException {
        var index = sharded(Map.of(QUERY, file));
        assertThatThrownBy(() -> load(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining(file)
                .hasMessageContaining(reason);
    }

    @Test
    void rejectsAnIndexThatPlacesATensorInTheWrongFile() throws IOException {
        var wrong = new LinkedHashMap<String, String>();
        tiny().keySet().forEach(name -> wrong.put(name, "model-00001-of-00002.safetensors"));
        var index = sharded(wrong);
        assertThatThrownBy(() -> load(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("model-00001-of-00002.safetensors: has no tensor");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"weight_map\": {}}",
                "{\"weight_map\": {\"a\": 1}}",
                "{\"weight_map\": {\"a\": \"a.safetensors\", \"a\": \"b.safetensors\"}}"
            })
    void rejectsWhatIsNoIndex(String json) throws IOException {
        var index = Files.writeString(directory.resolve("model.safetensors.index.json"), json);
        assertThatThrownBy(() -> load(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageStartingWith(index.toString());
    }

    /** What the type keeps of a FLOAT32. */
    private static float kept(float value, DType type) {
        return switch (type) {
            case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BFLOAT16 -> Float.intBitsToFloat(Float.floatToIntBits(value) & 0xFFFF0000);
            default -> value;
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16", "FLOAT64"})
    void readsOtherPrecisionsAsFloat32(DType type) throws IOException {
        var items = tiny().values().stream().map(item -> converted(item, type)).toList();
        var expected = load(FOLDER.resolve("model.safetensors"));
        load(write("model.safetensors", items))
                .forEach(
                        (name, values) -> {
                            for (int i = 0; i < values.length; i++) {
                                assertThat(values[i])
                                        .as("%s %d", name, i)
                                        .isEqualTo(kept(expected.get(name)[i], type));
                            }
                        });
    }

    private static Item converted(Item item, DType type) {
        var info = new TensorInfo(item.info().name(), type, item.info().shape());
        var target =
                ByteBuffer.allocate(Math.toIntExact(info.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        var source = item.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        while (source.hasRemaining()) {
            float value = source.get();
            switch (type) {
                case FLOAT16 -> target.putShort(Float.floatToFloat16(value));
                case BFLOAT16 -> target.putShort((short) (Float.floatToIntBits(value) >>> 16));
                default -> target.putDouble(value);
            }
        }
        return new Item(info, target.flip());
    }

    @Test
    void listsAllThatDoesNotFitAtOnce() throws IOException {
        var items = tiny();
        items.remove("embeddings.LayerNorm.bias");
        items.remove("encoder.layer.0.output.dense.weight");
        var first = items.values().iterator().next();
        items.put("x", first.named("encoder.layer.2.output.dense.weight"));
        items.put("y", items.get("encoder.layer.0.output.dense.bias").named(QUERY));
        items.remove(QUERY);
        var bytes = items.remove("encoder.layer.1.output.dense.bias");
        var info = new TensorInfo(bytes.info().name(), DType.INT32, bytes.info().shape());
        items.put("z", new Item(info, bytes.bytes()));
        items.put(
                "w",
                items.get("encoder.layer.1.output.LayerNorm.bias")
                        .named("bert.encoder.layer.1.output.LayerNorm.bias"));

        var file = write("model.safetensors", items.values());
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(MtlException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("a bert of 2 layers and hidden size 32")
                .hasMessageContaining(
                        "2 tensors missing: embeddings.LayerNorm.bias,"
                                + " encoder.layer.0.output.dense.weight")
                .hasMessageContaining(QUERY + " is [32] instead of [32, 32]")
                .hasMessageContaining("encoder.layer.1.output.dense.bias is of type INT32")
                .hasMessageContaining(
                        "1 tensors present twice: encoder.layer.1.output.LayerNorm.bias and"
                                + " bert.encoder.layer.1.output.LayerNorm.bias")
                .hasMessageContaining(
                        "1 tensors not of this model: encoder.layer.2.output.dense.weight");
    }

    @Test
    void countsWhatItDoesNotName() throws IOException {
        var kept = tiny().values().stream().limit(3).toList();
        var file = write("model.safetensors", kept);
        assertThatThrownBy(() -> load(file)).hasMessageMatching("(?s).* and \\d+ more.*");
    }
}
