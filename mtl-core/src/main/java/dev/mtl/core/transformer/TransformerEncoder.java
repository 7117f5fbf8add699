package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Token ids to one vector a token: embeddings, then layers. Its parts hold the weights, which
 * belong to a scope that outlives it. Any number of threads may use it at once, unless its weights
 * are one thread's leaves.
 *
 * <p>Operators run in the order of the reference implementations, so that with one thread and one
 * seed dropout draws the same numbers.
 */
public final class TransformerEncoder {
    private final Embeddings embeddings;
    private final List<EncoderLayer> layers;

    /**
     * Arranges parts.
     *
     * @param layers the lowest first; the last may be a final norm
     */
    public TransformerEncoder(Embeddings embeddings, List<EncoderLayer> layers) {
        this.embeddings = embeddings;
        this.layers = List.copyOf(layers);
    }

    /**
     * Inference: no graph, no dropout, FLOAT32 (with no autocast open).
     *
     * @param batch B sequences of S tokens
     * @return {@code [B, S, H]}, FLOAT32, on the batch's device, owned by the innermost scope
     */
    public Tensor forward(TokenBatch batch) {
        try (var _ = Autograd.noGrad()) {
            return forward(batch, Mode.EVALUATION, Frozen.NOTHING);
        }
    }

    /**
     * Training, or evaluation with a graph.
     *
     * @param batch B sequences of S tokens
     * @param frozen the parts that run without a graph
     * @return {@code [B, S, H]}, FLOAT32, on the batch's device, owned by the innermost scope;
     *     padding may be zeros
     */
    public Tensor forward(TokenBatch batch, Mode mode, Frozen frozen) {
        try (var scope = TensorScope.open()) {
            var layout = TokenLayout.of(batch, mode);
            var pass = new Pass(batch, layout, mode, frozen, scope);
            try (var tokens = run((index, input) -> closing(index, input, pass))) {
                return scope.moveOut(layout.padOutput(tokens));
            }
        }
    }

    /**
     * The same with the outputs of some layers.
     *
     * @param wanted numbers of layers below the last, from 1; 0 for the embeddings
     */
    public LayerOutputs forward(
            TokenBatch batch, Mode mode, Frozen frozen, Collection<Integer> wanted) {
        if (wanted.isEmpty()) {
            return LayerOutputs.of(forward(batch, mode, frozen));
        }
        try (var scope = TensorScope.open()) {
            var layout = TokenLayout.of(batch, mode);
            var pass = new Pass(batch, layout, mode, frozen, scope);
            var kept = new HashMap<Integer, Tensor>();
            var tokens =
                    run(
                            (index, input) -> {
                                var output = part(index, input, pass);
                                if (wanted.contains(index)) {
                                    kept.put(index, scope.moveOut(kept(output, layout, mode)));
                                }
                                return output;
                            });
            return new LayerOutputs(scope.moveOut(layout.padOutput(tokens)), kept);
        }
    }

    /** In inference the next layer may overwrite its input. */
    private static Tensor kept(Tensor output, TokenLayout layout, Mode mode) {
        var padded = layout.padOutput(output);
        return mode == Mode.EVALUATION ? padded.add(0) : padded;
    }

    private Tensor closing(int index, @Nullable Tensor input, Pass pass) {
        try (input) {
            return part(index, input, pass);
        }
    }

    /** How {@link #run} runs each part. */
    @FunctionalInterface
    interface PartRunner {
        /**
         * Runs a part.
         *
         * @param index 0 for the embeddings, then the layers
         * @param input {@code [T, H]} of the part below; null for the embeddings
         * @return {@code [T, H]}
         */
        Tensor run(int index, @Nullable Tensor input);
    }

    /** The embeddings and all layers, in order; {@code [T, H]} of the last. */
    Tensor run(PartRunner runner) {
        var hidden = runner.run(0, null);
        for (int layer = 1; layer <= layers.size(); layer++) {
            hidden = runner.run(layer, hidden);
        }
        return hidden;
    }

    /** One part in its mode, without a graph if it is frozen; see {@link PartRunner}. */
    Tensor part(int index, @Nullable Tensor input, Pass pass) {
        var frozen = pass.frozen();
        if (!isFrozen(index, frozen)) {
            return compute(index, input, pass);
        }
        var inMode = pass.in(frozen.dropout() ? pass.mode() : Mode.EVALUATION);
        return withoutGraph(() -> compute(index, input, inMode));
    }

    private Tensor compute(int index, @Nullable Tensor input, Pass pass) {
        if (index > 0) {
            return layers.get(index - 1).forward(Objects.requireNonNull(input), pass);
        }
        return pass.layout().pack(embeddings.forward(pass));
    }

    private static boolean isFrozen(int index, Frozen frozen) {
        return index == 0 ? frozen.embeddings() : index <= frozen.layers();
    }

    /** The number of layers. */
    int depth() {
        return layers.size();
    }

    static <T> T withoutGraph(Supplier<T> part) {
        try (var _ = Autograd.noGrad()) {
            return part.get();
        }
    }
}
