package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.kernel.FusedKernels;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.runtime.Cuda;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Tiny encoders against those of transformers ({@code benchmarks/peers/golden_bert.py}). */
@ParameterizedClass
@MethodSource("typesAndDevices")
@ExtendWith(LeavesNoTensorBehind.class)
class BertGoldenTest {
    private static final double TOLERANCE = 1e-5;

    /** Weights of a readout without layers. */
    private static final Parameters NONE = new Parameters(Map.of());

    private final Path folder;
    private final Device device;
    private final BertConfig config;
    private final TensorScope owner = TensorScope.shared();
    private JsonNode expected;
    private Parameters weights;

    static Stream<Arguments> typesAndDevices() {
        var devices =
                Cuda.isAvailable() ? List.of(Device.CPU, Device.cuda(0)) : List.of(Device.CPU);
        return Stream.of(
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
                        "deberta-v2")
                .flatMap(type -> devices.stream().map(device -> Arguments.of(type, device)));
    }

    BertGoldenTest(String modelType, Device device) {
        this.device = device;
        folder = Path.of("src/test/resources/dev/mtl/core/bert/tiny-" + modelType);
        config = BertConfig.read(folder.resolve("config.json"));
    }

    @BeforeEach
    void load() throws IOException {
        expected = JsonMapper.builder().build().readTree(folder.resolve("expected.json").toFile());
        weights = BertWeights.load(folder.resolve("model.safetensors"), config, device, owner);
    }

    @AfterEach
    void close() {
        owner.close();
    }

    private TokenBatch batch() {
        var batch = expected.path("batch");
        var ids = longs(batch.path("input_ids").path("values"));
        var types = longs(batch.path("token_type_ids").path("values"));
        int length = batch.path("input_ids").path("shape").get(1).asInt();
        var encodings = new ArrayList<Encoding>();
        for (int row = 0; row < batch.path("lengths").size(); row++) {
            int from = row * length;
            int to = from + batch.path("lengths").get(row).asInt();
            encodings.add(
                    new Encoding(
                            Arrays.copyOfRange(ids, from, to),
                            Arrays.copyOfRange(types, from, to),
                            new int[to - from],
                            new int[to - from],
                            new int[to - from],
                            false));
        }
        return TokenBatch.of(encodings, 0, device);
    }

    private TransformerEncoder training(Parameters parameters) {
        return BertArrangement.encoder(config, new GraphKernels(parameters));
    }

    /** On the weights as they are. */
    private TransformerEncoder inference() {
        return BertArrangement.encoder(config, FusedKernels.orGraph(weights, device));
    }

    private static long[] longs(JsonNode array) {
        var values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }

    @Test
    void givesTheHiddenStatesOfRealTokens() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch = batch();
            checkRealTokens(
                    inference().forward(batch),
                    batch,
                    expected.at("/eval/float64/last_hidden_state/values"));
        }
    }

    @Test
    void drawsDropoutAsTransformersDoesFromTheSameSeed() {
        assumeThat(device).as("whose generator the figures are of").isEqualTo(Device.CPU);
        try (var _ = TensorScope.open()) {
            var batch = batch();
            RandomStream.seedGlobal(expected.at("/train/seed").asLong());
            checkRealTokens(
                    training(weights).forward(batch, Mode.TRAINING, Frozen.NOTHING),
                    batch,
                    expected.at("/train/last_hidden_state/values"));
        }
    }

    private static void checkRealTokens(Tensor hidden, TokenBatch batch, JsonNode values) {
        var mask = batch.attentionMask().toFloats();
        var actual = hidden.toFloats();
        int width = Math.toIntExact(hidden.size(2));
        assertThat(actual).hasSize(values.size());
        for (int i = 0; i < actual.length; i++) {
            if (mask[i / width] != 0) {
                double figure = values.get(i).asDouble();
                assertThat((double) actual[i])
                        .as("element %d", i)
                        .isCloseTo(figure, within(TOLERANCE * Math.max(1, Math.abs(figure))));
            }
        }
    }

    @Test
    void poolsAndNormalizesOverRealTokensOnly() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch = batch();
            var hidden = inference().forward(batch);
            for (var pooling : List.of(Pooling.MEAN, Pooling.CLS, Pooling.MAX)) {
                for (var normalization : Normalization.values()) {
                    var values =
                            expected.at(
                                    "/eval/float64/pooled/%s/%s/values"
                                            .formatted(
                                                    pooling.name().toLowerCase(Locale.ROOT),
                                                    normalization.name().toLowerCase(Locale.ROOT)));
                    var readout = new Readout(pooling, normalization);
                    check(readout.apply(NONE, hidden, batch).toFloats(), values, readout);
                    check(joined(readout.rows(NONE, hidden, batch)), values, readout);
                }
            }
        }
    }

    private static void check(float[] actual, JsonNode figures, Readout readout) {
        assertThat(actual).hasSize(figures.size());
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i])
                    .as("%s, element %d", readout, i)
                    .isCloseTo(figures.get(i).asDouble(), within(TOLERANCE));
        }
    }

    private static float[] joined(float[][] rows) {
        var all = FloatBuffer.allocate(rows.length * rows[0].length);
        for (var row : rows) {
            all.put(row);
        }
        return all.array();
    }

    @Test
    void givesTheGradientOfEveryParameter() throws IOException {
        try (var scope = TensorScope.open();
                var reader = SafetensorsReader.open(folder.resolve("gradients.safetensors"))) {
            var leaves = weights.leaves(scope, name -> true);
            var batch = batch();
            var hidden = training(leaves).forward(batch, Mode.EVALUATION, Frozen.NOTHING);
            var pooled = Readout.MEAN.apply(NONE, hidden, batch);
            Autograd.backward(pooled.mul(lossWeights()).sum());
            for (var name : leaves.names()) {
                var gradient = Autograd.grad(leaves.get(name)).orElseThrow().toFloats();
                var figures = floats(reader.read(config.modelType().hfName(name)));
                assertThat(gradient).as(name).hasSameSizeAs(figures);
                for (int i = 0; i < figures.length; i++) {
                    assertThat(gradient[i])
                            .as("gradient of %s, element %d", name, i)
                            .isCloseTo(
                                    figures[i], within(5e-5f * Math.max(1, Math.abs(figures[i]))));
                }
            }
        }
    }

    private Tensor lossWeights() {
        var json = expected.at("/loss/weights");
        var values = new float[json.path("values").size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) json.path("values").get(i).asDouble();
        }
        return Tensors.of(values, longs(json.path("shape"))).to(device);
    }

    private static float[] floats(ByteBuffer bytes) {
        var values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    @Test
    void frozenLayersGiveTheSameFeaturesEachTimeAndNoGradient() {
        try (var scope = TensorScope.open()) {
            var leaves = weights.leaves(scope, name -> true);
            var batch = batch();
            var all = new Frozen(true, config.numHiddenLayers(), false);
            var encoder = training(leaves);
            var first = encoder.forward(batch, Mode.TRAINING, all);
            var second = encoder.forward(batch, Mode.TRAINING, all);
            assertThat(first.toFloats()).containsExactly(second.toFloats());

            var half = encoder.forward(batch, Mode.TRAINING, new Frozen(true, 1, false));
            Autograd.backward(half.sum());
            var trained =
                    leaves.names().stream()
                            .filter(name -> Autograd.grad(leaves.get(name)).isPresent())
                            .toList();
            assertThat(trained).isNotEmpty().allMatch(name -> name.startsWith("encoder.layer.1."));
        }
    }

    @Test
    void packedWeightsGiveTheHiddenStates() {
        try (var _ = TensorScope.open();
                var packed =
                        StoredEncoder.load(
                                folder.resolve("model.safetensors"),
                                config,
                                device,
                                Precision.FP32,
                                owner)) {
            var batch = batch();
            checkRealTokens(
                    packed.encoder().forward(batch),
                    batch,
                    expected.at("/eval/float64/last_hidden_state/values"));
        }
    }

    /** Cosines of the mean of real tokens; 8 bits lose most in tiny layers. */
    @Test
    void int8WeightsComeCloseToTheEmbeddings() {
        assumeThat(device.isCpu() && Int8Linear.isAvailable()).isTrue();
        try (var _ = TensorScope.open();
                var packed =
                        StoredEncoder.load(
                                folder.resolve("model.safetensors"),
                                config,
                                device,
                                Precision.INT8,
                                owner)) {
            var batch = batch();
            var hidden = packed.encoder().forward(batch);
            var readout = new Readout(Pooling.MEAN, Normalization.L2);
            var rows = readout.rows(NONE, hidden, batch);
            var values = expected.at("/eval/float64/pooled/mean/l2/values");
            for (int row = 0; row < rows.length; row++) {
                double cosine = 0;
                for (int i = 0; i < rows[row].length; i++) {
                    cosine += rows[row][i] * values.get(row * rows[row].length + i).asDouble();
                }
                assertThat(cosine).as("row %d", row).isBetween(0.98, 1 - 1e-9);
            }
        }
    }

    @Test
    void sortsDistancesIntoTheRangesOfMpnet() {
        assumeThat(config.hasRelativePositions()).isTrue();
        var buckets = longs(expected.path("buckets"));
        for (int i = 0; i < buckets.length; i++) {
            assertThat((long) RelativePositions.bucket(i - buckets.length / 2))
                    .as("bucket of %d", i - buckets.length / 2)
                    .isEqualTo(buckets[i]);
        }
    }

    @Test
    void rejectsMoreTokensThanThereArePositions() {
        try (var _ = TensorScope.open()) {
            int length = config.maxLength() + 1;
            var encoding =
                    new Encoding(
                            new long[length],
                            new long[length],
                            new int[length],
                            new int[length],
                            new int[length],
                            false);
            var batch = TokenBatch.of(List.of(encoding), 0, device);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> inference().forward(batch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Objects.toString(config.maxLength()));
        }
    }
}
