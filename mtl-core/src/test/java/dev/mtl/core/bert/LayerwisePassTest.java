package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.LayerwisePass;
import dev.mtl.core.transformer.LayerwisePass.Keep;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Passes of tiny encoders layer by layer, against passes with one graph. */
@ParameterizedClass
@MethodSource("dev.mtl.core.bert.BertGoldenTest#typesAndDevices")
@ExtendWith(LeavesNoTensorBehind.class)
class LayerwisePassTest {
    private final Path folder;
    private final Device device;
    private final BertConfig config;

    LayerwisePassTest(String modelType, Device device) {
        this.device = device;
        folder = Path.of("src/test/resources/dev/mtl/core/bert/tiny-" + modelType);
        config = BertConfig.read(folder.resolve("config.json"));
    }

    @Test
    void checkpointsGiveTheGradientsOfAnOrdinaryPass() {
        var ordinary = gradients(null);
        var checkpointed = gradients(Keep.INPUTS);
        assertThat(checkpointed.keySet()).isEqualTo(ordinary.keySet());
        ordinary.forEach(
                (name, gradient) ->
                        assertThat(checkpointed.get(name))
                                .as(name)
                                .containsExactly(gradient, within(5e-5f)));
    }

    @Test
    void aGraphForEachLayerGivesTheBitsOfOneForAllLayers() {
        assumeThat(device.isCpu()).as("operators of CUDA add in any order").isTrue();
        var ordinary = gradients(null);
        var layerwise = gradients(Keep.GRAPHS);
        assertThat(layerwise.keySet()).isEqualTo(ordinary.keySet());
        ordinary.forEach(
                (name, gradient) ->
                        assertThat(layerwise.get(name)).as(name).containsExactly(gradient));
    }

    /**
     * Of one training pass, dropout drawn from the same stream.
     *
     * @param keep of a pass by layers; null for an ordinary one
     */
    private Map<String, float[]> gradients(@Nullable Keep keep) {
        try (var owner = TensorScope.shared();
                var scope = TensorScope.open();
                var _ = RandomStream.open(5)) {
            var weights =
                    BertWeights.load(folder.resolve("model.safetensors"), config, device, owner);
            var leaves = weights.leaves(scope, name -> true);
            var encoder = BertArrangement.encoder(config, new GraphKernels(leaves));
            var batch = TokenBatch.of(List.of(tokens(9), tokens(4), tokens(6)), 0, device);
            if (keep == null) {
                Autograd.backward(
                        loss(encoder.forward(batch, Mode.TRAINING, Frozen.NOTHING), batch));
            } else {
                var pass = new LayerwisePass(encoder, batch, Frozen.NOTHING, keep, scope);
                Autograd.backward(loss(pass.forward(), batch));
                pass.backward(layer -> {});
            }
            var gradients = new TreeMap<String, float[]>();
            for (var name : leaves.names()) {
                Autograd.grad(leaves.get(name))
                        .ifPresent(gradient -> gradients.put(name, gradient.toFloats()));
            }
            assertThat(gradients).hasSize(weights.names().size());
            return gradients;
        }
    }

    private static Encoding tokens(int length) {
        var ids = LongStream.range(0, length).map(i -> 5 + (3 * i + length) % 11).toArray();
        return new Encoding(
                ids, new long[length], new int[length], new int[length], new int[length], false);
    }

    /** A weighted sum of the mean vectors. */
    private Tensor loss(Tensor hidden, TokenBatch batch) {
        var means = Readout.MEAN.apply(new Parameters(Map.of()), hidden, batch);
        var random = new SplittableRandom(1);
        var weights = new float[Math.toIntExact(means.numel())];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextDouble(-1, 1);
        }
        return means.mul(Tensors.of(weights, means.shape()).to(device)).sum();
    }
}
