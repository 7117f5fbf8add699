package dev.mtl.core.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.bert.BertArrangement;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.kernel.FusedKernels;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Adapters that PEFT saved ({@code benchmarks/peers/golden_lora.py}), of several families. */
@ParameterizedClass
@MethodSource("families")
@ExtendWith(LeavesNoTensorBehind.class)
class LoraGoldenTest {
    private final Path base;
    private final Path adapter;
    private final List<String> targets;
    private final BertConfig config;
    private final JsonNode expected;
    private final TensorScope owner = TensorScope.shared();
    @TempDir private Path folder;
    private Adapters adapters;
    private Parameters weights = new Parameters(Map.of());

    /** The targets as the script has them. */
    static Stream<Arguments> families() {
        return Stream.of(
                Arguments.of("bert", List.of("query", "value", "output.dense")),
                Arguments.of("modernbert", List.of("Wqkv", "Wi", "Wo")),
                Arguments.of("eurobert", List.of("q_proj", "v_proj", "gate_proj", "down_proj")),
                Arguments.of("deberta-v3", List.of("query_proj", "key_proj", "output.dense")),
                Arguments.of(
                        "deberta-v2",
                        List.of(
                                "value_proj",
                                "pos_key_proj",
                                "pos_query_proj",
                                "intermediate.dense")));
    }

    LoraGoldenTest(String family, List<String> targets) {
        var resources = Path.of("src/test/resources/dev/mtl/core");
        base = resources.resolve("bert/tiny-" + family);
        adapter = resources.resolve("adapter/tiny-" + family);
        this.targets = targets;
        config = BertConfig.read(base.resolve("config.json"));
        expected = JsonFiles.read(adapter.resolve("expected.json"));
        adapters = new Adapters(lora(), List.of(), List.of(), false, false);
    }

    private Lora lora() {
        return new Lora(4, 6, targets, 0.1);
    }

    @BeforeEach
    void load() {
        var own = BertWeights.load(base.resolve("model.safetensors"), config, Device.CPU, owner);
        var all = new LinkedHashMap<String, Tensor>();
        own.names().forEach(name -> all.put(name, own.get(name)));
        try (var _ = TensorScope.open()) {
            var stored = BertWeights.adapter(adapter, config);
            adapters =
                    new Adapters(
                            stored.lora(), stored.layers(), List.of(Adapters.SHARED), false, false);
            stored.weights()
                    .forEach(
                            (name, matrix) ->
                                    all.put("adapters.default." + name, owner.take(matrix)));
        }
        weights = new Parameters(all);
    }

    @AfterEach
    void close() {
        owner.close();
    }

    private TransformerEncoder encoder(Kernels kernels, Parameters parameters, Mode mode) {
        return BertArrangement.encoder(
                config, new LoraKernels(kernels, adapters, parameters, Adapters.SHARED, mode));
    }

    private TokenBatch batch() {
        var batch = JsonFiles.read(base.resolve("expected.json")).path("batch");
        var ids = batch.at("/input_ids/values");
        var types = batch.at("/token_type_ids/values");
        int width = batch.at("/input_ids/shape/1").asInt();
        var encodings = new ArrayList<Encoding>();
        for (int row = 0; row < batch.path("lengths").size(); row++) {
            int from = row * width;
            int length = batch.path("lengths").get(row).asInt();
            encodings.add(
                    new Encoding(
                            longs(ids, from, length),
                            longs(types, from, length),
                            new int[length],
                            new int[length],
                            new int[length],
                            false));
        }
        return TokenBatch.of(encodings, 0, Device.CPU);
    }

    private static long[] longs(JsonNode values, int from, int count) {
        return IntStream.range(from, from + count).mapToLong(i -> values.get(i).asLong()).toArray();
    }

    private void checkRealTokens(Tensor hidden, TokenBatch batch) {
        var values = expected.at("/last_hidden_state/values");
        var mask = batch.attentionMask().toFloats();
        var actual = hidden.toFloats();
        assertThat(actual).hasSize(values.size());
        for (int i = 0; i < actual.length; i++) {
            if (mask[i / 32] != 0) {
                assertThat((double) actual[i])
                        .as("element %d", i)
                        .isCloseTo(values.get(i).asDouble(), within(1e-5));
            }
        }
    }

    @Test
    void readsTheFormOfTheAdapter() {
        assertThat(adapters.lora().rank()).isEqualTo(4);
        assertThat(adapters.lora().scale()).isEqualTo(1.5);
        assertThat(adapters.layers())
                .as("by the names that PEFT has for them")
                .isNotEmpty()
                .isEqualTo(lora().layers(BertWeights.specs(config), config.modelType()::hfName));
    }

    @Test
    void givesWhatPeftGivesByEachKindOfKernels() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch = batch();
            var graph = encoder(new GraphKernels(weights), weights, Mode.EVALUATION);
            checkRealTokens(graph.forward(batch), batch);
            var fused =
                    encoder(FusedKernels.orGraph(weights, Device.CPU), weights, Mode.EVALUATION);
            checkRealTokens(fused.forward(batch), batch);
        }
    }

    @Test
    void theGradientsOfItsMatricesArePyTorchs() throws IOException {
        try (var scope = TensorScope.open();
                var reader = SafetensorsReader.open(adapter.resolve("gradients.safetensors"))) {
            var leaves = weights.leaves(scope, name -> name.startsWith(Adapters.PREFIX));
            var batch = batch();
            // without embeddings in the graph, as in training
            var hidden =
                    encoder(new GraphKernels(leaves), leaves, Mode.EVALUATION)
                            .forward(batch, Mode.EVALUATION, new Frozen(true, 0, true));
            checkRealTokens(hidden, batch);
            var pooled = Readout.MEAN.apply(new Parameters(Map.of()), hidden, batch);
            var json = expected.at("/weights/values");
            var lossWeights = new float[json.size()];
            for (int i = 0; i < lossWeights.length; i++) {
                lossWeights[i] = (float) json.get(i).asDouble();
            }
            Autograd.backward(pooled.mul(Tensors.of(lossWeights, 3, 32)).sum());
            assertThat(reader.tensors()).hasSize(2 * adapters.layers().size());
            for (var name : leaves.names()) {
                var gradient = Autograd.grad(leaves.get(name));
                assertThat(gradient.isPresent())
                        .as(name)
                        .isEqualTo(name.startsWith(Adapters.PREFIX));
                if (gradient.isPresent()) {
                    var inFile = inFile(name.substring("adapters.default.".length()));
                    var values = new float[Math.toIntExact(gradient.get().numel())];
                    reader.read(inFile).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
                    assertThat(gradient.get().toFloats())
                            .as(name)
                            .usingComparatorWithPrecision(5e-5f)
                            .containsExactly(values);
                }
            }
        }
    }

    /** The name in files of a matrix. */
    private String inFile(String matrix) {
        var layer =
                adapters.layers().stream()
                        .filter(own -> matrix.startsWith(own.name() + ".lora_"))
                        .findFirst()
                        .orElseThrow();
        return layer.hfName() + matrix.substring(layer.name().length());
    }

    @Test
    void anAdapterBesideTheWeightsIsAddedWhileTheyAreRead() throws IOException {
        copy(base, folder, List.of("config.json", "model.safetensors"));
        var beside = Files.createDirectories(folder.resolve(AdapterFiles.FOLDER));
        copy(adapter, beside, List.of(AdapterFiles.CONFIG, AdapterFiles.WEIGHTS));
        try (var _ = TensorScope.open();
                var scope = TensorScope.shared();
                var stored =
                        StoredEncoder.load(
                                folder.resolve("model.safetensors"),
                                config,
                                Device.CPU,
                                Precision.FP32,
                                scope)) {
            var batch = batch();
            checkRealTokens(stored.encoder().forward(batch), batch);
        }
    }

    @Test
    void encodersWithDifferentAdaptersShareTheirPackedWeights() {
        try (var _ = TensorScope.open();
                var scope = TensorScope.shared();
                var stored =
                        StoredEncoder.load(
                                base.resolve("model.safetensors"),
                                config,
                                Device.CPU,
                                Precision.FP32,
                                scope)) {
            var batch = batch();
            var plain = stored.encoder().forward(batch).toFloats();
            // packs what an encoder without adapters has in another form, such as gates
            checkRealTokens(adapted(stored).forward(batch), batch);
            int before = scope.size();
            checkRealTokens(adapted(stored).forward(batch), batch);
            assertThat(scope.size()).as("weights").isEqualTo(before);
            assertThat(stored.encoder().forward(batch).toFloats()).isEqualTo(plain);
        }
    }

    private TransformerEncoder adapted(StoredEncoder stored) {
        return stored.encoder(
                kernels ->
                        new LoraKernels(
                                kernels, adapters, weights, Adapters.SHARED, Mode.EVALUATION));
    }

    @Test
    void writesTheFilesThatPeftWrites() throws IOException {
        AdapterFiles.write(
                folder, adapters, Adapters.SHARED, weights, base.getFileName().toString());

        try (var own = SafetensorsReader.open(folder.resolve(AdapterFiles.WEIGHTS));
                var theirs = SafetensorsReader.open(adapter.resolve(AdapterFiles.WEIGHTS))) {
            assertThat(own.tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(theirs.tensors().keySet());
            for (var name : own.tensors().keySet()) {
                assertThat(own.read(name)).as(name).isEqualTo(theirs.read(name));
            }
        }
        var own = JsonFiles.readObject(folder.resolve(AdapterFiles.CONFIG));
        var theirs = JsonFiles.readObject(adapter.resolve(AdapterFiles.CONFIG));
        own.properties()
                .forEach(
                        entry -> {
                            if (!List.of("target_modules", "task_type", "inference_mode")
                                    .contains(entry.getKey())) {
                                assertThat(entry.getValue())
                                        .as(entry.getKey())
                                        .isEqualTo(theirs.path(entry.getKey()));
                            }
                        });
        assertThat(StreamSupport.stream(own.path("target_modules").spliterator(), false))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrderElementsOf(
                        adapters.layers().stream().map(AdaptedLayer::hfName).toList());
    }

    private static void copy(Path from, Path to, List<String> files) throws IOException {
        for (var file : files) {
            Files.copy(from.resolve(file), to.resolve(file));
        }
    }
}
