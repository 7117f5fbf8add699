package dev.mtl.heads;

import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.List;

/** Embeddings of four examples of up to three texts, those of benchmarks/peers/golden_pairs.py. */
public final class PairVectors {
    private PairVectors() {}

    /**
     * What a head makes of them.
     *
     * @param loss its value
     * @param gradients the sum of the absolute gradient of each text
     */
    public record Passed(double loss, List<Double> gradients) {}

    /** {@code [4, texts, 3]}. */
    public static Tensor vectors(int texts) {
        var values = new float[4 * texts * 3];
        for (int i = 0; i < values.length; i++) {
            int number = i / (texts * 3) * 9 + i % (texts * 3);
            values[i] = (number * 37 % 19 - 9) / 10f;
        }
        return Tensors.of(values, 4, texts, 3);
    }

    /** Forward, loss and backward. */
    public static Passed pass(TaskHead<?> head, int texts, List<Target> targets) {
        try (var _ = TensorScope.open()) {
            var leaf = Autograd.requireGrad(vectors(texts), true);
            var batch = HeadUnderTest.batch(4, texts);
            var tested = HeadUnderTest.of(head);
            var loss = tested.loss(tested.forward(leaf, batch), batch, targets);
            Autograd.backward(loss);
            var gradients = Autograd.grad(leaf).orElseThrow().abs().sum(2).reshape(-1).toFloats();
            var list = new java.util.ArrayList<Double>();
            for (float gradient : gradients) {
                list.add((double) gradient);
            }
            return new Passed(loss.item(), list);
        }
    }
}
