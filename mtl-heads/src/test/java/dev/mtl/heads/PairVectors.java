package dev.mtl.heads;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.Collections;
import java.util.LinkedHashMap;
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
    public static Passed pass(TaskHead head, int texts, List<Target> targets) {
        try (var _ = TensorScope.open()) {
            var leaf = Autograd.requireGrad(vectors(texts), true);
            var logits = head.forward(noParameters(), leaf, Mode.TRAINING);
            var loss = head.loss(logits, batch(4, texts), targets);
            Autograd.backward(loss);
            var gradients = Autograd.grad(leaf).orElseThrow().abs().sum(2).reshape(-1).toFloats();
            var list = new java.util.ArrayList<Double>();
            for (float gradient : gradients) {
                list.add((double) gradient);
            }
            return new Passed(loss.item(), list);
        }
    }

    /** Parameters of a head that has none. */
    public static Parameters noParameters() {
        return new Parameters(new LinkedHashMap<>());
    }

    /** A batch of so many texts; their words play no part. */
    public static HeadBatch batch(int examples, int texts) {
        int count = examples * texts;
        var encoding =
                new Encoding(
                        new long[] {2, 3},
                        new long[2],
                        new int[] {-1, -1},
                        new int[2],
                        new int[2],
                        false);
        return new HeadBatch(
                Collections.nCopies(count, PreTokenizedText.of("a")),
                TokenBatch.of(Collections.nCopies(count, encoding), 0, Device.CPU),
                texts);
    }
}
