package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class RealTokensTest {
    /** Ids do not matter here. */
    private static TokenBatch batch(int... lengths) {
        var encodings =
                Arrays.stream(lengths)
                        .mapToObj(
                                n ->
                                        new Encoding(
                                                new long[n],
                                                new long[n],
                                                new int[n],
                                                new int[n],
                                                new int[n],
                                                false))
                        .toList();
        return TokenBatch.of(encodings, 0, Device.CPU);
    }

    private static Tensor oneToSix() {
        return Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3, 1);
    }

    @Test
    void tokensLeaveTheirRowsAndComeBackWithZerosInThePadding() {
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            var real = TokenRows.of(batch(3, 2));
            var packed = real.pack(oneToSix());
            assertThat(packed.shape()).containsExactly(5, 1);
            assertThat(packed.toFloats()).containsExactly(1, 2, 3, 4, 5);
            assertThat(real.padAtTheEnd(packed).shape()).containsExactly(2, 3, 1);
            assertThat(real.padAtTheEnd(packed).toFloats()).containsExactly(1, 2, 3, 4, 5, 0);
        }
    }

    @Test
    void whatIsInThePaddingHasNoGradient() {
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            var real = TokenRows.of(batch(3, 2));
            var packed = Autograd.requireGrad(Tensors.of(new float[5], 5, 1), true);
            Autograd.backward(real.padAtTheEnd(packed).mul(oneToSix()).sum());
            assertThat(Autograd.grad(packed).orElseThrow().toFloats())
                    .containsExactly(1, 2, 3, 4, 5);
        }
    }

    @Test
    void littlePaddingIsNotWorthIt() {
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            assertThat(TokenRows.of(batch(30, 30))).isSameAs(TokenRows.PADDED);
            assertThat(TokenRows.of(batch(30, 29))).isSameAs(TokenRows.PADDED);
            assertThat(TokenRows.of(batch(30, 20))).isInstanceOf(RealTokens.class);
        }
    }

    @Test
    void withoutAStreamDropoutIsThatOfPaddedBatches() {
        try (var _ = TensorScope.open()) {
            assertThat(TokenRows.of(batch(30, 3))).isSameAs(TokenRows.PADDED);
        }
    }
}
