package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** What shares memory, what does not, and what changes in place. */
final class CopyingTest {
    private TensorScope scope = TensorScope.shared();

    @BeforeEach
    void openScope() {
        scope = TensorScope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void aCopyDoesNotShareMemory() {
        var original = Tensors.of(new float[] {1, 2}, 2);
        var copy = original.copy();
        original.zero();
        assertThat(copy.toFloats()).containsExactly(1, 2);
        assertThat(original.toFloats()).containsExactly(0, 0);
    }

    @Test
    void aDetachedTensorSharesMemoryButNoGraph() {
        var leaf = Autograd.requireGrad(Tensors.of(new float[] {1, 2}, 2), true);
        var detached = leaf.detach();
        Autograd.backward(detached.mul(leaf).sum());
        assertThat(Autograd.grad(leaf).orElseThrow().toFloats()).containsExactly(1, 2);
        detached.zero();
        assertThat(leaf.toFloats()).containsExactly(0, 0);
    }

    @Test
    void copyFromBroadcastsAndConverts() {
        var target = Tensors.zeros(DType.FLOAT32, Device.CPU, 2, 3);
        target.copyFrom(Tensors.of(new long[] {4, 5, 6}, 3));
        assertThat(target.toFloats()).containsExactly(4, 5, 6, 4, 5, 6);
    }

    @Test
    void indexCopyWritesTheSlicesThatTheIndexNames() {
        var target = Tensors.zeros(DType.FLOAT32, Device.CPU, 3, 2);
        var source = Tensors.of(new float[] {1, 2, 3, 4}, 2, 2);
        target.indexCopy(0, Tensors.of(new long[] {2, 0}, 2), source);
        assertThat(target.toFloats()).containsExactly(3, 4, 0, 0, 1, 2);
    }

    @Test
    void zerosLikeKeepsShapeAndType() {
        var zeros = Tensors.of(new long[] {4, 5}, 1, 2).zerosLike();
        assertThat(zeros.shape()).containsExactly(1, 2);
        assertThat(zeros.toLongs()).containsExactly(0, 0);
    }

    @Test
    void convertingToTheSameDtypeOrDeviceSharesTheMemory() {
        var original = Tensors.of(new float[] {1, 2}, 2);
        var onCpu = original.to(Device.CPU);
        try (var floats = original.to(DType.FLOAT32)) {
            original.zero();
            assertThat(floats.toFloats()).containsExactly(0, 0);
        }
        original.close();
        assertThat(onCpu.toFloats()).containsExactly(0, 0);
    }

    @Test
    void theBufferOfReadFloatsIsInvalidAfterwards() {
        var turned = Tensors.of(new float[] {1, 2, 3, 4}, 2, 2).transpose(0, 1);
        var kept = new FloatBuffer[1];
        float sum =
                turned.readFloats(
                        values -> {
                            kept[0] = values;
                            assertThat(values.isReadOnly()).isTrue();
                            assertThat(values.remaining()).isEqualTo(4);
                            return values.get(1) * 10 + values.get(2);
                        });
        assertThat(sum).isEqualTo(32);
        assertThatThrownBy(() -> kept[0].get(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensors.of(new long[] {1}, 1).readFloats(FloatBuffer::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reading FLOAT32 from int64[1] cpu");
    }

    @Test
    void aTensorClosedByItsReaderStaysUntilTheReaderReturns() {
        var tensor = Tensors.full(DType.FLOAT32, Device.CPU, 7, 1 << 20);
        float last =
                tensor.readFloats(
                        values -> {
                            tensor.close();
                            return values.get((1 << 20) - 1);
                        });
        assertThat(last).isEqualTo(7);
        assertThat(tensor.isClosed()).isTrue();
    }

    @Test
    void theBufferOfWrittenIsInvalidAfterwards() {
        var kept = new ByteBuffer[1];
        var tensor =
                Tensors.written(
                        DType.FLOAT32,
                        bytes -> {
                            kept[0] = bytes;
                            bytes.putFloat(3).putFloat(4);
                        },
                        2);
        assertThat(tensor.toFloats()).containsExactly(3, 4);
        assertThatThrownBy(() -> kept[0].put(0, (byte) 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void finiteIsNeitherInfiniteNorNan() {
        var tensor = Tensors.of(new float[] {1, Float.NaN, Float.NEGATIVE_INFINITY}, 3);
        assertThat(tensor.isFinite().toBooleans()).containsExactly(true, false, false);
    }
}
