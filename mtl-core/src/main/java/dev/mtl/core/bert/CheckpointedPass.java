package dev.mtl.core.bert;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A training pass that keeps only the input of each layer, and computes a layer once more when its
 * gradients are due (Chen et al. 2016, arXiv 1604.06174, with a segment for each layer). Dropout
 * draws the same numbers both times, so the gradients are those of an ordinary pass.
 *
 * <p>For one thread, with a {@link RandomStream} open.
 */
public final class CheckpointedPass {
    private final Bert bert;
    private final Parameters weights;
    private final TokenBatch batch;
    private final Frozen frozen;
    private final TensorScope scope;
    private final TokenLayout rows;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<RandomStream.Mark> marks = new ArrayList<>();
    private final Tensor output;

    /**
     * Runs all layers without a graph.
     *
     * @param weights leaves, of which those that train require gradients
     * @param scope the innermost one, takes what is kept between the layers
     */
    public CheckpointedPass(
            Bert bert, Parameters weights, TokenBatch batch, Frozen frozen, TensorScope scope) {
        this.bert = bert;
        this.weights = weights;
        this.batch = batch;
        this.frozen = frozen;
        this.scope = scope;
        var frozenMode = frozen.dropout() ? Mode.TRAINING : Mode.EVALUATION;
        rows = TokenLayout.of(batch);
        marks.add(here());
        var hidden =
                Bert.withoutGraph(() -> embed(frozen.embeddings() ? frozenMode : Mode.TRAINING));
        for (int i = 0; i < bert.config().numHiddenLayers(); i++) {
            int layer = i;
            var input = hidden;
            inputs.add(input);
            marks.add(here());
            var mode = i < frozen.layers() ? frozenMode : Mode.TRAINING;
            hidden = Bert.withoutGraph(() -> narrow(layer, input, mode));
        }
        boolean trains = frozen.layers() < bert.config().numHiddenLayers();
        output = Autograd.requireGrad(rows.padOutput(hidden).detach(), trains);
    }

    private Tensor embed(Mode mode) {
        return rows.pack(bert.embed(weights, batch, mode));
    }

    private static RandomStream.Mark here() {
        return RandomStream.mark()
                .orElseThrow(() -> new IllegalStateException("needs an open RandomStream"));
    }

    /** Anew for each layer: what it is computed from may have gradients. */
    private @Nullable Tensor mask() {
        return bert.attentionBias(weights, batch, frozen);
    }

    /** A layer of which only the output stays. */
    private Tensor narrow(int layer, Tensor input, Mode mode) {
        try (var _ = TensorScope.open()) {
            return scope.take(bert.layer(layer, weights, input, mask(), rows, mode));
        }
    }

    /**
     * Token embeddings {@code [B, S, H]}: a leaf, whose gradient {@link #backward} goes on from.
     */
    public Tensor output() {
        return output;
    }

    /**
     * Goes on backward from the gradient of {@link #output}, down to the lowest part that trains.
     */
    public void backward() {
        var gradient = Autograd.takeGrad(output).map(rows::pack).orElse(null);
        for (int layer = inputs.size() - 1; layer >= frozen.layers() && gradient != null; layer--) {
            gradient = backward(layer, gradient);
        }
        if (gradient != null && !frozen.embeddings()) {
            try (var _ = TensorScope.open();
                    var _ = RandomStream.open(marks.getFirst())) {
                descend(embed(Mode.TRAINING), gradient);
            }
        }
    }

    private @Nullable Tensor backward(int layer, Tensor gradient) {
        boolean goesOn = layer > frozen.layers() || !frozen.embeddings();
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(marks.get(layer + 1))) {
            var input = Autograd.requireGrad(inputs.get(layer).detach(), goesOn);
            descend(bert.layer(layer, weights, input, mask(), rows, Mode.TRAINING), gradient);
            return Autograd.takeGrad(input).map(scope::take).orElse(null);
        }
    }

    /** Backward from an output whose gradient is known: that of the sum of their product. */
    private static void descend(Tensor output, Tensor gradient) {
        Autograd.backward(output.mul(gradient).sum());
    }
}
