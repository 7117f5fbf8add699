package dev.mtl.core.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.nn.Mode;
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

class UnpaddedTokensTest {
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
        return Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 6, 1);
    }

    @Test
    void tokensLeaveTheirRowsAndComeBackWithZerosInThePadding() {
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            var real = TokenLayout.of(batch(3, 2), Mode.TRAINING);
            var packed = real.pack(oneToSix());
            assertThat(packed.shape()).containsExactly(5, 1);
            assertThat(packed.toFloats()).containsExactly(1, 2, 3, 4, 5);
            assertThat(real.padOutput(packed).shape()).containsExactly(2, 3, 1);
            assertThat(real.padOutput(packed).toFloats()).containsExactly(1, 2, 3, 4, 5, 0);
        }
    }

    @Test
    void whatIsInThePaddingHasNoGradient() {
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            var real = TokenLayout.of(batch(3, 2), Mode.TRAINING);
            var packed = Autograd.requireGrad(Tensors.of(new float[5], 5, 1), true);
            Autograd.backward(real.padOutput(packed).mul(oneToSix().view(2, 3, 1)).sum());
            assertThat(Autograd.grad(packed).orElseThrow().toFloats())
                    .containsExactly(1, 2, 3, 4, 5);
        }
    }

    @Test
    void littlePaddingIsNotWorthIt() {
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(1)) {
            assertThat(TokenLayout.of(batch(30, 30), Mode.TRAINING))
                    .isInstanceOf(TokenLayout.Padded.class);
            assertThat(TokenLayout.of(batch(30, 29), Mode.TRAINING))
                    .isInstanceOf(TokenLayout.Padded.class);
            assertThat(TokenLayout.of(batch(30, 20), Mode.TRAINING))
                    .isInstanceOf(UnpaddedTokens.class);
        }
    }

    @Test
    void sequencesOfOneLengthThatFollowEachOtherAreOneGroup() {
        try (var _ = TensorScope.open()) {
            var unpadded = UnpaddedTokens.of(batch(3, 3, 1, 3));
            assertThat(unpadded.equalLengths())
                    .containsExactly(
                            new UnpaddedTokens.EqualLengths(0, 2, 0, 3),
                            new UnpaddedTokens.EqualLengths(2, 1, 6, 1),
                            new UnpaddedTokens.EqualLengths(3, 1, 7, 3));
            var tokens = Tensors.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10, 1);
            assertThat(unpadded.equalLengths().getLast().tokens(tokens).toFloats())
                    .containsExactly(7, 8, 9);
        }
    }

    @Test
    void aBiasOfTheScoresIsCutToTheLengthOfAGroup() {
        try (var _ = TensorScope.open()) {
            var short2 = UnpaddedTokens.of(batch(3, 2)).equalLengths().getLast();
            var values = new float[18];
            for (int i = 0; i < values.length; i++) {
                values[i] = i;
            }
            assertThat(short2.scores(Tensors.of(Arrays.copyOf(values, 9), 1, 1, 3, 3)).toFloats())
                    .as("the same for all sequences")
                    .containsExactly(0, 1, 3, 4);
            assertThat(short2.scores(Tensors.of(values, 2, 1, 3, 3)).toFloats())
                    .as("one for each sequence")
                    .containsExactly(9, 10, 12, 13);
        }
    }

    @Test
    void inferenceNeedsNoStream() {
        try (var _ = TensorScope.open()) {
            assertThat(TokenLayout.of(batch(30, 3), Mode.EVALUATION))
                    .isInstanceOf(UnpaddedTokens.class);
        }
    }

    @Test
    void withoutAStreamDropoutIsThatOfPaddedBatches() {
        try (var _ = TensorScope.open()) {
            assertThat(TokenLayout.of(batch(30, 3), Mode.TRAINING))
                    .isInstanceOf(TokenLayout.Padded.class);
        }
    }
}
