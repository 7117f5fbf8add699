package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.multilabel.MultiLabelProvider;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Against PyTorch's kl_div in both directions (benchmarks/peers/golden_r_drop.py). */
@ExtendWith(LeavesNoTensorBehind.class)
class DivergenceTest {
    private static final List<String> LABELS = List.of("a", "b", "c");
    private static final float[] FIRST = {2, -1, 0.5f, 0, 1, -2, 30, -30, 0, 1, 1, 1};
    private static final float[] SECOND = {1, -0.5f, 0.5f, 0.5f, 1, 2, 28, -29, 1, 1, 2, 3};
    private static final long[] CLASSES = {1, 1, 0, Losses.IGNORE_INDEX};

    private static final float[] CLASSES_FIGURES = {
        0.43241532f,
        0.07047422f,
        -0.02205953f,
        -0.04841469f,
        0.00993768f,
        0.11079545f,
        -0.12073313f,
        0,
        0,
        0,
        0,
        0,
        0,
        -0.08670118f,
        0.03383857f,
        0.05286262f,
        -0.06859272f,
        -0.17861679f,
        0.24720951f,
        0,
        0,
        0,
        0,
        0,
        0
    };

    private static final float[] WEIGHTED_FIGURES = {
        0.55596255f,
        0.09060972f,
        -0.02836226f,
        -0.06224746f,
        0.01277702f,
        0.14245129f,
        -0.15522831f,
        0,
        0,
        0,
        0,
        0,
        0,
        -0.11147295f,
        0.04350673f,
        0.06796622f,
        -0.08819064f,
        -0.22965016f,
        0.31784080f,
        0,
        0,
        0,
        0,
        0,
        0
    };

    private static final float[] DECISIONS_FIGURES = {
        0.17231136f,
        0.01061384f,
        -0.00862105f,
        0,
        -0.01031081f,
        0,
        -0.04923202f,
        0,
        0,
        -0.02004411f,
        0,
        -0.01443127f,
        -0.02561414f,
        -0.01443127f,
        0.00942088f,
        0,
        0.00999838f,
        0,
        0.04923202f,
        0,
        0,
        0.01781960f,
        0,
        0.01061384f,
        0.01299454f
    };

    /** The value, and the gradients of the first and of the second pass. */
    private static void check(BinaryOperator<Tensor> divergence, float[] figures) {
        try (var _ = TensorScope.open()) {
            var first = Autograd.requireGrad(Tensors.of(FIRST, 4, 3), true);
            var second = Autograd.requireGrad(Tensors.of(SECOND, 4, 3), true);
            var value = divergence.apply(first, second);
            assertThat(value.item()).isCloseTo(figures[0], within(1e-6));
            Autograd.backward(value);
            var gradients = List.of(first, second);
            for (int pass = 0; pass < 2; pass++) {
                var gradient = Autograd.grad(gradients.get(pass)).orElseThrow().toFloats();
                for (int i = 0; i < gradient.length; i++) {
                    assertThat(gradient[i])
                            .as("pass %d, element %d", pass, i)
                            .isCloseTo(figures[1 + pass * gradient.length + i], within(1e-6f));
                }
            }
        }
    }

    /** Of a text without tokens, which no head here reads. */
    private static HeadBatch anyText() {
        var none = new int[1];
        var encoding = new Encoding(new long[1], new long[1], none, none, none, false);
        return new HeadBatch(
                List.of(PreTokenizedText.of("text")),
                TokenBatch.of(List.of(encoding), 0, Device.CPU),
                1);
    }

    private static CrossEntropy crossEntropy(ClassWeights weights) {
        return new CrossEntropy(new LabelIndex("t", LABELS), weights, 0, 0);
    }

    @Test
    void ofLabelsAndItsGradientsArePyTorchs() {
        check(
                (first, second) ->
                        crossEntropy(ClassWeights.none()).divergence(first, second, CLASSES),
                CLASSES_FIGURES);
    }

    @Test
    void itemsCountAsInTheLoss() {
        var weights = new ClassWeights.Given(Map.of("b", 3.0));
        check(
                (first, second) -> crossEntropy(weights).divergence(first, second, CLASSES),
                WEIGHTED_FIGURES);
    }

    @Test
    void ofSeveralLabelsIsThatOfTheirDecisions() {
        var provider = new MultiLabelProvider();
        TaskHead<?> head = provider.create(provider.defaults(), new HeadContext("t", 3, LABELS));
        assertThat(head.hasDivergence()).isTrue();
        check(
                (first, second) ->
                        head.divergence(
                                new Parameters(Map.of()), first, second, anyText(), List.of()),
                DECISIONS_FIGURES);
    }
}
