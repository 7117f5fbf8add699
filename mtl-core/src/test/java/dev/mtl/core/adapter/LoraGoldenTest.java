package dev.mtl.core.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertArrangement;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.internal.JsonFiles;
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

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** An adapter that PEFT saved ({@code benchmarks/peers/golden_lora.py}). */
@ExtendWith(LeavesNoTensorBehind.class)
class LoraGoldenTest {
    private static final Path BASE = Path.of("src/test/resources/dev/mtl/core/bert/tiny-bert");
    private static final Path ADAPTER =
            Path.of("src/test/resources/dev/mtl/core/adapter/tiny-bert");

    private final BertConfig config = BertConfig.read(BASE.resolve("config.json"));
    private final JsonNode expected = JsonFiles.read(ADAPTER.resolve("expected.json"));
    private final TensorScope owner = TensorScope.shared();
    @TempDir private Path folder;
    private Adapters adapters = new Adapters(lora(), List.of(), List.of(), false, false);
    private Parameters weights = new Parameters(Map.of());

    private static Lora lora() {
        return new Lora(4, 6, List.of("query", "value", "output.dense"), 0.1);
    }

    @BeforeEach
    void load() {
        var base = BertWeights.load(BASE.resolve("model.safetensors"), config, Device.CPU, owner);
        var all = new LinkedHashMap<String, Tensor>();
        base.names().forEach(name -> all.put(name, base.get(name)));
        try (var _ = TensorScope.open()) {
            var stored = BertWeights.adapter(ADAPTER, config);
            adapters =
                    new Adapters(
                            stored.lora(), stored.layers(), List.of(Adapters.SHARED), false, false);
            stored.weights()
                    .forEach((name, own) -> all.put("adapters.default." + name, owner.take(own)));
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

    private static TokenBatch batch() {
        var batch = JsonFiles.read(BASE.resolve("expected.json")).path("batch");
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
                .extracting(AdaptedLayer::name)
                .containsExactlyElementsOf(
                        IntStream.range(0, 2)
                                .mapToObj(i -> "encoder.layer." + i + ".")
                                .flatMap(
                                        layer ->
                                                List.of(
                                                        layer + "attention.self.query",
                                                        layer + "attention.self.value",
                                                        layer + "attention.output.dense",
                                                        layer + "output.dense")
                                                        .stream())
                                .toList());
        assertThat(lora().layers(BertWeights.specs(config), config.modelType()::hfName))
                .isEqualTo(adapters.layers());
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
                var reader = SafetensorsReader.open(ADAPTER.resolve("gradients.safetensors"))) {
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
            assertThat(reader.tensors()).hasSize(16);
            for (var name : leaves.names()) {
                var gradient = Autograd.grad(leaves.get(name));
                assertThat(gradient.isPresent())
                        .as(name)
                        .isEqualTo(name.startsWith(Adapters.PREFIX));
                if (gradient.isPresent()) {
                    var inFile = name.substring("adapters.default.".length());
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

    @Test
    void anAdapterBesideTheWeightsIsAddedWhileTheyAreRead() throws IOException {
        copy(BASE, folder, List.of("config.json", "model.safetensors"));
        var beside = Files.createDirectories(folder.resolve(AdapterFiles.FOLDER));
        copy(ADAPTER, beside, List.of(AdapterFiles.CONFIG, AdapterFiles.WEIGHTS));
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
                                BASE.resolve("model.safetensors"),
                                config,
                                Device.CPU,
                                Precision.FP32,
                                scope)) {
            var batch = batch();
            int before = scope.size();
            var plain = stored.encoder().forward(batch).toFloats();
            var adapted =
                    stored.encoder(
                            kernels ->
                                    new LoraKernels(
                                            kernels,
                                            adapters,
                                            weights,
                                            Adapters.SHARED,
                                            Mode.EVALUATION));
            checkRealTokens(adapted.forward(batch), batch);
            assertThat(scope.size()).as("weights").isEqualTo(before);
            assertThat(stored.encoder().forward(batch).toFloats()).isEqualTo(plain);
        }
    }

    @Test
    void writesTheFilesThatPeftWrites() throws IOException {
        AdapterFiles.write(folder, adapters, Adapters.SHARED, weights, "tiny-bert");

        try (var own = SafetensorsReader.open(folder.resolve(AdapterFiles.WEIGHTS));
                var theirs = SafetensorsReader.open(ADAPTER.resolve(AdapterFiles.WEIGHTS))) {
            assertThat(own.tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(theirs.tensors().keySet());
            for (var name : own.tensors().keySet()) {
                assertThat(own.read(name)).as(name).isEqualTo(theirs.read(name));
            }
        }
        var own = JsonFiles.readObject(folder.resolve(AdapterFiles.CONFIG));
        var theirs = JsonFiles.readObject(ADAPTER.resolve(AdapterFiles.CONFIG));
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
                .contains("encoder.layer.0.attention.self.query")
                .hasSize(8);
    }

    @Test
    void refusesAnAdapterThatItDoesNotCompute() throws IOException {
        copy(ADAPTER, folder, List.of(AdapterFiles.CONFIG, AdapterFiles.WEIGHTS));
        var file = folder.resolve(AdapterFiles.CONFIG);
        var json = JsonFiles.readObject(file);
        rejects(json.deepCopy().put("use_dora", true), file, "use_dora is true");
        rejects(json.deepCopy().put("peft_type", "IA3"), file, "only LORA is read");
        rejects(json.deepCopy().put("bias", "all"), file, "bias is \"all\"");
        rejects(json.deepCopy().put("r", 5), file, "the model needs [5, 32]");
        rejects(json.deepCopy().put("r", 0), file, "rank is 0");
    }

    private void rejects(ObjectNode json, Path file, String reason) throws IOException {
        JsonFiles.write(file, json);
        try (var _ = TensorScope.open()) {
            assertThatThrownBy(() -> BertWeights.adapter(folder, config))
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void aTargetThatIsNoLayerIsAnsweredWithThoseThatAre() {
        var unknown = new Lora(8, 16, List.of("querry"), 0);
        assertThatThrownBy(
                        () -> unknown.layers(BertWeights.specs(config), config.modelType()::hfName))
                .hasMessage(
                        "targets has 'querry', which is no linear layer of this encoder; known:"
                                + " dense, key, query, value, all-linear");
    }

    private static void copy(Path from, Path to, List<String> files) throws IOException {
        for (var file : files) {
            Files.copy(from.resolve(file), to.resolve(file));
        }
    }
}
