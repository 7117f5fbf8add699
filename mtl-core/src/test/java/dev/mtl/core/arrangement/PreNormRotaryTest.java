package dev.mtl.core.arrangement;

import static dev.mtl.core.arrangement.PreNormRotary.HIDDEN;
import static dev.mtl.core.arrangement.PreNormRotary.INNER;
import static dev.mtl.core.arrangement.PreNormRotary.LAYERS;
import static dev.mtl.core.arrangement.PreNormRotary.VOCABULARY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.kernel.FusedKernels;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.kernel.PackedKernels;
import dev.mtl.core.kernel.WordEmbeddingTable;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.LayerwisePass;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Another family as a new arrangement of the same parts, against loops in plain Java. */
@ExtendWith(LeavesNoTensorBehind.class)
class PreNormRotaryTest {
    private static final double TOLERANCE = 2e-5;
    private static final List<long[]> TEXTS =
            List.of(new long[] {2, 7, 7, 10, 1}, new long[] {4, 3}, new long[] {9, 5, 6});

    private final Map<String, double[]> weights = new LinkedHashMap<>();
    private final TensorScope owner = TensorScope.shared();
    private Parameters parameters = new Parameters(Map.of());

    @BeforeEach
    void drawWeights() {
        var random = new Random(3);
        var shapes = new LinkedHashMap<String, long[]>();
        shapes.put("words", new long[] {VOCABULARY, HIDDEN});
        norm(shapes, "embeddings");
        for (int i = 0; i < LAYERS; i++) {
            for (var layer : List.of("q", "k", "v", "o")) {
                linear(shapes, i + "." + layer, HIDDEN, HIDDEN);
            }
            linear(shapes, i + ".up", HIDDEN, INNER);
            linear(shapes, i + ".gate", HIDDEN, INNER);
            linear(shapes, i + ".down", INNER, HIDDEN);
            norm(shapes, i + ".norm1");
            norm(shapes, i + ".norm2");
        }
        norm(shapes, "final");
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var _ = TensorScope.open()) {
            shapes.forEach(
                    (name, shape) -> {
                        var values =
                                new float
                                        [(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = (float) random.nextGaussian() * 0.5f;
                        }
                        tensors.put(name, owner.take(Tensors.of(values, shape)));
                        weights.put(name, doubles(values));
                    });
        }
        parameters = new Parameters(tensors);
    }

    private static void linear(Map<String, long[]> shapes, String name, int in, int out) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }

    private static void norm(Map<String, long[]> shapes, String name) {
        shapes.put(name + ".weight", new long[] {HIDDEN});
        shapes.put(name + ".bias", new long[] {HIDDEN});
    }

    private static double[] doubles(float[] values) {
        var doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    @AfterEach
    void freeWeights() {
        owner.close();
    }

    private static TokenBatch batch(List<long[]> texts) {
        var encodings =
                texts.stream()
                        .map(
                                ids -> {
                                    var zeros = new int[ids.length];
                                    return new Encoding(
                                            ids, new long[ids.length], zeros, zeros, zeros, false);
                                })
                        .toList();
        return TokenBatch.of(encodings, 0, Device.CPU);
    }

    private void assertTokens(Tensor output) {
        var rows = output.view(-1, HIDDEN).toFloatRows();
        int length = Math.toIntExact(output.size(1));
        for (int text = 0; text < TEXTS.size(); text++) {
            var expected = new PlainJava(weights).forward(TEXTS.get(text));
            for (int i = 0; i < expected.length; i++) {
                assertThat(doubles(rows[text * length + i]))
                        .as("text %d, token %d", text, i)
                        .containsExactly(expected[i], within(TOLERANCE));
            }
        }
    }

    private void assertInference(Kernels kernels) {
        var encoder = PreNormRotary.encoder(kernels);
        try (var _ = TensorScope.open()) {
            assertTokens(encoder.forward(batch(TEXTS)));
            var alone = encoder.forward(batch(List.of(TEXTS.getFirst())));
            var expected = new PlainJava(weights).forward(TEXTS.getFirst());
            assertThat(doubles(alone.view(-1, HIDDEN).toFloatRows()[2]))
                    .containsExactly(expected[2], within(TOLERANCE));
        }
    }

    @Test
    void fusedKernelsGiveWhatPlainJavaGives() {
        assertInference(FusedKernels.orGraph(parameters, Device.CPU));
    }

    @Test
    void packedWeightsGiveWhatPlainJavaGives() {
        try (var packed = TensorScope.shared()) {
            assertInference(
                    PackedKernels.float32(
                            new PackedKernels.WeightSource() {
                                @Override
                                public Tensor read(String name) {
                                    return parameters.get(name).copy();
                                }

                                @Override
                                public Optional<WordEmbeddingTable> rows(String name) {
                                    return Optional.empty();
                                }
                            },
                            packed));
        }
    }

    @Test
    void operatorsGiveWhatPlainJavaGivesPaddedAndUnpadded() {
        var encoder = PreNormRotary.encoder(new GraphKernels(parameters));
        try (var _ = TensorScope.open()) {
            assertTokens(encoder.forward(batch(TEXTS), Mode.TRAINING, Frozen.NOTHING));
        }
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            var output = encoder.forward(batch(TEXTS), Mode.TRAINING, Frozen.NOTHING);
            assertTokens(output);
            assertThat(output.select(0, 1).select(0, 4).abs().toFloats()).containsOnly(0);
        }
    }

    @Test
    void gradientsAreThoseOfPlainJava() {
        var padded = gradients(Pass.PADDED);
        var unpadded = gradients(Pass.UNPADDED);
        var checkpointed = gradients(Pass.CHECKPOINTED);
        assertThat(padded.keySet()).isEqualTo(weights.keySet());
        var random = new Random(4);
        weights.forEach(
                (name, values) -> {
                    for (int n = 0; n < 4; n++) {
                        int i = random.nextInt(values.length);
                        double expected = slope(values, i);
                        for (var gradients : List.of(padded, unpadded, checkpointed)) {
                            assertThat((double) gradients.get(name)[i])
                                    .as("%s, element %d", name, i)
                                    .isCloseTo(
                                            expected,
                                            within(1e-4 * Math.max(1, Math.abs(expected))));
                        }
                    }
                });
    }

    private enum Pass {
        PADDED,
        UNPADDED,
        CHECKPOINTED
    }

    private Map<String, float[]> gradients(Pass kind) {
        try (var scope = TensorScope.open();
                var _ = kind == Pass.PADDED ? null : RandomStream.open(1)) {
            var leaves = parameters.leaves(scope, name -> true);
            var encoder = PreNormRotary.encoder(new GraphKernels(leaves));
            var batch = batch(TEXTS);
            if (kind == Pass.CHECKPOINTED) {
                var pass =
                        new LayerwisePass(
                                encoder, batch, Frozen.NOTHING, LayerwisePass.Keep.INPUTS, scope);
                Autograd.backward(loss(pass.forward(), batch));
                pass.backward(layer -> {});
            } else {
                var output = encoder.forward(batch, Mode.TRAINING, Frozen.NOTHING);
                Autograd.backward(loss(output, batch));
            }
            var gradients = new LinkedHashMap<String, float[]>();
            for (var name : leaves.names()) {
                Autograd.grad(leaves.get(name))
                        .ifPresent(gradient -> gradients.put(name, gradient.toFloats()));
            }
            return gradients;
        }
    }

    /** Half the sum of squares of the tokens' sums over the even dimensions. */
    private static Tensor loss(Tensor output, TokenBatch batch) {
        var even = new float[HIDDEN];
        for (int d = 0; d < HIDDEN; d += 2) {
            even[d] = 1;
        }
        var sums = output.mul(Tensors.of(even, HIDDEN)).sum(2);
        return sums.square().mul(batch.attentionMask()).sum().mul(0.5);
    }

    private double loss() {
        double loss = 0;
        for (var text : TEXTS) {
            for (var token : new PlainJava(weights).forward(text)) {
                double sum = 0;
                for (int d = 0; d < HIDDEN; d += 2) {
                    sum += token[d];
                }
                loss += sum * sum / 2;
            }
        }
        return loss;
    }

    /** By central differences. */
    private double slope(double[] values, int i) {
        double before = values[i];
        double h = 1e-5;
        values[i] = before + h;
        double above = loss();
        values[i] = before - h;
        double below = loss();
        values[i] = before;
        return (above - below) / (2 * h);
    }
}
