package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    void aCopyHasMemoryOfItsOwn() {
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
    void zerosLikeKeepsShapeAndType() {
        var zeros = Tensors.of(new long[] {4, 5}, 1, 2).zerosLike();
        assertThat(zeros.shape()).containsExactly(1, 2);
        assertThat(zeros.toLongs()).containsExactly(0, 0);
    }

    @Test
    void finiteIsNeitherInfiniteNorNan() {
        var tensor = Tensors.of(new float[] {1, Float.NaN, Float.NEGATIVE_INFINITY}, 3);
        assertThat(tensor.isFinite().toBooleans()).containsExactly(true, false, false);
    }
}
