package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Gradient checkpointing: a training pass that keeps only the input of each part, and computes a
 * part again when its gradients are due (Chen et al. 2016, arXiv 1604.06174, with a segment for
 * each layer). Dropout draws the same numbers both times, so the gradients are those of an ordinary
 * pass.
 */
public final class CheckpointedPass implements RecomputedPass {
    private final TransformerEncoder encoder;
    private final TokenBatch batch;
    private final Frozen frozen;
    private final TensorScope scope;
    private final TokenLayout layout;
    private final List<Checkpoint> checkpoints = new ArrayList<>();
    private final Map<Integer, Tensor> kept = new HashMap<>();
    private @Nullable Tensor output;

    /**
     * What a part is computed again from.
     *
     * @param input null for the embeddings
     * @param draws where the random stream was
     */
    private record Checkpoint(@Nullable Tensor input, RandomStream.Mark draws) {}

    /**
     * A pass over one batch.
     *
     * @param encoder on leaves, of which those that train require gradients
     * @param scope the innermost one, takes what is kept between the parts
     */
    public CheckpointedPass(
            TransformerEncoder encoder, TokenBatch batch, Frozen frozen, TensorScope scope) {
        this.encoder = encoder;
        this.batch = batch;
        this.frozen = frozen;
        this.scope = scope;
        layout = TokenLayout.of(batch, Mode.TRAINING);
    }

    @Override
    public Tensor forward() {
        return forward(List.of()).last();
    }

    @Override
    public LayerOutputs forward(Collection<Integer> wanted) {
        var hidden =
                encoder.run(
                        (part, input) -> {
                            var own = keepInput(part, input);
                            if (wanted.contains(part)) {
                                kept.put(
                                        part,
                                        Autograd.requireGrad(
                                                layout.padOutput(own).detach(),
                                                part >= lowestTrained()));
                            }
                            return own;
                        });
        output =
                Autograd.requireGrad(
                        layout.padOutput(hidden).detach(), frozen.layers() < encoder.depth());
        return new LayerOutputs(output, kept);
    }

    private Tensor keepInput(int part, @Nullable Tensor input) {
        checkpoints.add(new Checkpoint(input, position()));
        try (var inner = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return scope.take(encoder.part(part, input, pass(inner)));
        }
    }

    private static RandomStream.Mark position() {
        return RandomStream.mark()
                .orElseThrow(() -> new IllegalStateException("needs an open RandomStream"));
    }

    /** A new pass for each part: what its bias is computed from may have gradients. */
    private Pass pass(TensorScope inner) {
        return new Pass(batch, layout, Mode.TRAINING, frozen, inner);
    }

    /** Goes down to the lowest part that trains. */
    @Override
    public void backward() {
        var gradient = taken(Objects.requireNonNull(output, "forward() first"));
        for (int part = encoder.depth(); part >= lowestTrained(); part--) {
            var own = kept.containsKey(part) ? taken(kept.get(part)) : null;
            if (own != null) {
                gradient = gradient == null ? own : gradient.add(own);
            }
            if (gradient != null) {
                gradient = backward(part, gradient);
            }
        }
    }

    /** The gradient of a leaf, as its part gave it; null if nothing depends on it. */
    private @Nullable Tensor taken(Tensor leaf) {
        return Autograd.takeGrad(leaf)
                .map(padded -> layout.pack(padded.reshape(-1, padded.size(-1))))
                .orElse(null);
    }

    private int lowestTrained() {
        return frozen.embeddings() ? frozen.layers() + 1 : 0;
    }

    /**
     * Computes a part again, with a graph.
     *
     * @param gradient of its output
     * @return of its input; null if nothing below trains
     */
    private @Nullable Tensor backward(int part, Tensor gradient) {
        var checkpoint = checkpoints.get(part);
        try (var inner = TensorScope.open();
                var _ = RandomStream.open(checkpoint.draws())) {
            var input =
                    checkpoint.input() == null
                            ? null
                            : Autograd.requireGrad(
                                    checkpoint.input().detach(), part > lowestTrained());
            descend(encoder.part(part, input, pass(inner)), gradient);
            return input == null ? null : Autograd.takeGrad(input).map(scope::take).orElse(null);
        }
    }

    /** Backward from an output whose gradient is known: that of the sum of their product. */
    private static void descend(Tensor output, Tensor gradient) {
        Autograd.backward(output.mul(gradient).sum());
    }
}
