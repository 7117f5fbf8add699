package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.error.TorchMemoryException;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.torch.runtime.Cuda;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.torch.testing.RandomTensors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;

/** What differs on a CUDA device: memory, random generator, errors, precision. */
@EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
@ExtendWith(LeavesNoTensorBehind.class)
class CudaTest {
    private static final Device GPU = Device.cuda(0);

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void valuesSurviveACopyToTheDeviceAndBack() {
        var values = RandomTensors.uniform(1, 70, 33);
        var there = values.to(GPU);
        assertThat(there.device()).isEqualTo(GPU);
        assertThat(there).hasToString("float32[70, 33] cuda:0");
        assertThat(there.toFloats()).containsExactly(values.toFloats());
        assertThat(there.transpose(0, 1).toFloats())
                .containsExactly(values.transpose(0, 1).contiguous().toFloats());
    }

    @Test
    void rejectsOperandsOfDifferentDevices() {
        var weight = RandomTensors.uniform(1, 4, 3);
        var input = RandomTensors.uniform(2, 2, 3).to(GPU);
        assertThatThrownBy(() -> input.linear(weight, null))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining("input: float32[2, 3] cuda:0")
                .hasMessageContaining("weight: float32[4, 3] cpu");
        assertThat(input.linear(weight.to(GPU), null).shape()).containsExactly(2, 4);
    }

    @Test
    void rejectsADeviceThatDoesNotExist() {
        var values = RandomTensors.uniform(1, 4);
        var none = Device.cuda(Cuda.deviceCount());
        assertThatThrownBy(() -> values.to(none)).isInstanceOf(TorchException.class);
        assertThatThrownBy(() -> Cuda.synchronize(Cuda.deviceCount()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no CUDA device");
        Cuda.synchronize(0);
    }

    @Test
    void runningOutOfDeviceMemoryThrowsAndLeavesTheDeviceUsable() {
        assertThatThrownBy(() -> Tensors.zeros(DType.FLOAT32, GPU, 1L << 20, 1L << 20))
                .isInstanceOf(TorchMemoryException.class)
                .hasMessageContaining("out of memory")
                .hasMessageContaining("cuda:0");
        assertThat(Tensors.full(DType.FLOAT32, GPU, 3, 5).sum().item()).isEqualTo(15);
    }

    @Test
    void aSeedGivesTheSameDraws() {
        var first = dropped(5);
        assertThat(dropped(5)).containsExactly(first).contains(0f, 2f);
        assertThat(dropped(6)).isNotEqualTo(first);
        RandomStream.seedGlobal(9);
        var global = Tensors.full(DType.FLOAT32, GPU, 1, 100).dropout(0.5).toFloats();
        RandomStream.seedGlobal(9);
        assertThat(Tensors.full(DType.FLOAT32, GPU, 1, 100).dropout(0.5).toFloats())
                .containsExactly(global);
    }

    private static float[] dropped(long seed) {
        try (var _ = RandomStream.open(seed)) {
            return Tensors.full(DType.FLOAT32, GPU, 1, 100).dropout(0.5).toFloats();
        }
    }

    @Test
    void autocastRunsProductsInBfloat16() {
        var input = RandomTensors.uniform(1, 8, 32).to(GPU);
        var weight = RandomTensors.uniform(2, 16, 32).to(GPU);
        var exact = input.linear(weight, null).toFloats();
        try (var _ = Autocast.open(GPU, DType.BFLOAT16)) {
            var product = input.linear(weight, null);
            assertThat(product.dtype()).isEqualTo(DType.BFLOAT16);
            assertThat(product.to(DType.FLOAT32).toFloats()).containsExactly(exact, within(0.1f));
        }
        assertThat(input.linear(weight, null).dtype()).isEqualTo(DType.FLOAT32);
    }

    @Test
    void adamWUpdatesWeightsAsOnACpu() {
        assertThat(moved(GPU)).containsExactly(moved(Device.CPU), within(1e-6f));
    }

    private float[] moved(Device device) {
        var weight = RandomTensors.uniform(1, 40).to(device);
        var settings = new AdamW.Settings(0.9, 0.999, 1e-8, 0.01);
        try (var owner = TensorScope.shared()) {
            var optimizer = new AdamW(List.of(weight), owner, settings);
            for (int step = 0; step < 5; step++) {
                List<@Nullable Tensor> gradients =
                        List.of(RandomTensors.uniform(step + 2, 40).to(device));
                optimizer.step(gradients, 1e-2);
            }
            return weight.toFloats();
        }
    }

    @Test
    void gradientNormsSumsAndScalingEqualThoseOfACpu() {
        assertThat(scaled(GPU)).containsExactly(scaled(Device.CPU), within(1e-5f));
    }

    private static float[] scaled(Device device) {
        var gradients =
                List.of(
                        RandomTensors.uniform(1, 7, 5).to(device),
                        RandomTensors.uniform(2, 3).to(device));
        var more =
                List.of(
                        RandomTensors.uniform(3, 7, 5).to(device),
                        RandomTensors.uniform(4, 3).to(device));
        Gradients.addInPlace(gradients, more, 0.5);
        Gradients.scaleInPlace(gradients, 1 / Gradients.globalNorm(gradients));
        return gradients.getFirst().toFloats();
    }
}
