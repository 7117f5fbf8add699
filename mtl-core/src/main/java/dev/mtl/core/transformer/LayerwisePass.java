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
import java.util.function.IntConsumer;

/**
 * A training pass that goes backward part by part: the embeddings and each layer have graphs of
 * their own. The gradients of a layer are complete before those of the layers below are computed.
 */
public final class LayerwisePass implements TrainingPass {
    private final TransformerEncoder encoder;
    private final TokenBatch batch;
    private final Frozen frozen;
    private final Keep keep;
    private final TensorScope scope;
    private final TokenLayout layout;
    private final Pass whole;
    private final List<Part> parts = new ArrayList<>();
    private final Map<Integer, Tensor> kept = new HashMap<>();
    private @Nullable Tensor output;

    /** What a pass keeps for the way back. */
    public enum Keep {
        /**
         * The input of each part, which is computed again when its gradients are due: gradient
         * checkpointing (Chen et al. 2016, arXiv 1604.06174, with a segment for each layer).
         * Dropout draws the same numbers both times. Needs an open {@link RandomStream}.
         */
        INPUTS,
        /** All that the gradients need, as an ordinary pass does. */
        GRAPHS
    }

    /**
     * What is kept of a part.
     *
     * @param input a leaf if the graph is kept; null for the embeddings
     * @param output with its graph; null if it is computed again
     * @param draws where the random stream was; null if nothing is computed again
     */
    private record Part(
            @Nullable Tensor input, @Nullable Tensor output, RandomStream.@Nullable Mark draws) {}

    /**
     * A pass over one batch.
     *
     * @param encoder on leaves, of which those that train require gradients
     * @param scope the innermost one, takes what is kept between the parts
     */
    public LayerwisePass(
            TransformerEncoder encoder,
            TokenBatch batch,
            Frozen frozen,
            Keep keep,
            TensorScope scope) {
        this.encoder = encoder;
        this.batch = batch;
        this.frozen = frozen;
        this.keep = keep;
        this.scope = scope;
        layout = TokenLayout.of(batch, Mode.TRAINING);
        whole = Pass.ofParts(batch, layout, frozen, scope);
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
                            var own =
                                    keep == Keep.INPUTS
                                            ? keepInput(part, input)
                                            : keepGraph(part, input);
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
        parts.add(new Part(input, null, position()));
        try (var inner = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return scope.take(encoder.part(part, input, pass(inner)));
        }
    }

    /** The part's output; the part above gets it without its graph. */
    private Tensor keepGraph(int part, @Nullable Tensor input) {
        var leaf = input == null ? null : leaf(part, input);
        try (var inner = TensorScope.open()) {
            var own = scope.take(encoder.part(part, leaf, whole));
            parts.add(new Part(leaf, own, null));
            return inner.moveOut(own.detach());
        }
    }

    /** The input of a part, with a gradient if something below trains. */
    private Tensor leaf(int part, Tensor input) {
        return Autograd.requireGrad(input.detach(), part > lowestTrained());
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
    public void backward(IntConsumer done) {
        var gradient = taken(Objects.requireNonNull(output, "forward() first"));
        for (int part = encoder.depth(); part >= lowestTrained(); part--) {
            var own = kept.containsKey(part) ? taken(kept.get(part)) : null;
            if (own != null) {
                gradient = gradient == null ? own : gradient.add(own);
            }
            if (part == 0) {
                whole.backwardOfShared();
            }
            if (gradient != null) {
                gradient = backward(part, gradient);
            }
            if (part > 0) {
                done.accept(part);
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
     * Backward through a part.
     *
     * @param gradient of its output
     * @return of its input; null if nothing below trains
     */
    private @Nullable Tensor backward(int number, Tensor gradient) {
        var part = parts.get(number);
        if (part.output() != null) {
            return through(part.output(), part.input(), gradient);
        }
        try (var inner = TensorScope.open();
                var _ = RandomStream.open(Objects.requireNonNull(part.draws()))) {
            var input = part.input() == null ? null : leaf(number, part.input());
            return through(encoder.part(number, input, pass(inner)), input, gradient);
        }
    }

    /** Backward from an output whose gradient is known: that of the sum of their product. */
    private @Nullable Tensor through(Tensor output, @Nullable Tensor input, Tensor gradient) {
        Autograd.backward(output.mul(gradient).sum());
        return input == null ? null : Autograd.takeGrad(input).map(scope::take).orElse(null);
    }
}
