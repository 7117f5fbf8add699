package dev.mtl.core.transformer;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What the parts of one forward pass share. For one thread. */
public final class Pass {
    private final TokenBatch batch;
    private final TokenLayout layout;
    private final Mode mode;
    private final Frozen frozen;
    private final TensorScope scope;
    private final Shared shared;

    /**
     * What layers that share a bias, or a constant, compute once.
     *
     * @param roots what was computed, where the parts of the pass have graphs of their own and get
     *     leaves; null where they do not
     */
    private record Shared(
            Map<Object, Tensor> masked,
            Map<Object, Tensor> trained,
            Map<Object, Tensor> constants,
            @Nullable List<Root> roots) {
        Shared(@Nullable List<Root> roots) {
            this(
                    new IdentityHashMap<>(2),
                    new IdentityHashMap<>(2),
                    new IdentityHashMap<>(2),
                    roots);
        }
    }

    /** A tensor with its graph, and the leaf that the parts read instead. */
    private record Root(Tensor computed, Tensor leaf) {}

    /**
     * Begins a pass.
     *
     * @param scope the innermost one; takes what is computed once for all layers
     */
    Pass(TokenBatch batch, TokenLayout layout, Mode mode, Frozen frozen, TensorScope scope) {
        this(batch, layout, mode, frozen, scope, new Shared((List<Root>) null));
    }

    /**
     * Begins a training pass whose parts have graphs of their own; {@link #backwardOfShared}
     * follows those of all layers.
     */
    static Pass ofParts(TokenBatch batch, TokenLayout layout, Frozen frozen, TensorScope scope) {
        return new Pass(batch, layout, Mode.TRAINING, frozen, scope, new Shared(new ArrayList<>()));
    }

    /** Backward through what the layers share, the last computed first. */
    void backwardOfShared() {
        for (var root : Objects.requireNonNull(shared.roots()).reversed()) {
            Autograd.takeGrad(root.leaf())
                    .ifPresent(gradient -> Autograd.backward(root.computed().mul(gradient).sum()));
        }
    }

    private Pass(
            TokenBatch batch,
            TokenLayout layout,
            Mode mode,
            Frozen frozen,
            TensorScope scope,
            Shared shared) {
        this.batch = batch;
        this.layout = layout;
        this.mode = mode;
        this.frozen = frozen;
        this.scope = scope;
        this.shared = shared;
    }

    /** The tokens. */
    public TokenBatch batch() {
        return batch;
    }

    /** How the rows of the tensors between parts are the tokens of the batch. */
    public TokenLayout layout() {
        return layout;
    }

    /** Whether the part that runs drops out; frozen parts may differ from others. */
    public Mode mode() {
        return mode;
    }

    /** {@code B * S}, padding included. */
    public long paddedTokens() {
        return (long) batch.rows() * batch.length();
    }

    /** The same pass for a part in another mode. */
    Pass in(Mode other) {
        return other == mode ? this : new Pass(batch, layout, other, frozen, scope, shared);
    }

    Frozen frozen() {
        return frozen;
    }

    /**
     * What is added to attention scores: the mask of padding, and a bias, which the first layer
     * that asks for it computes.
     *
     * @return broadcastable to {@code [B, heads, S, S]}; null for nothing; lives as long as the
     *     pass
     */
    public @Nullable Tensor mask(@Nullable AttentionBias bias) {
        return bias == null
                ? batch.attentionBias()
                : once(shared.masked(), bias, bias.isLearned(), () -> withPadding(bias));
    }

    /**
     * A bias without the mask of padding, for parts that compute no padding; the first layer that
     * asks for it computes it.
     *
     * @return broadcastable to {@code [B, heads, S, S]}; lives as long as the pass
     */
    Tensor unmasked(AttentionBias bias) {
        return once(shared.trained(), bias, bias.isLearned(), () -> bias.of(batch));
    }

    /**
     * A tensor that trains, and freezes, with the embeddings, and that the first layer that asks
     * for it computes.
     *
     * @param key by identity
     * @return lives as long as the pass
     */
    public Tensor ofEmbeddings(Object key, Supplier<Tensor> computation) {
        return once(shared.trained(), key, true, computation);
    }

    /**
     * A tensor that depends on nothing that trains, such as the mask of a window, computed by the
     * first layer that asks for it.
     *
     * @param key by identity
     * @return lives as long as the pass
     */
    public Tensor constant(Object key, Supplier<Tensor> computation) {
        var known = shared.constants().get(key);
        if (known == null) {
            known = scope.take(TransformerEncoder.withoutGraph(computation));
            shared.constants().put(key, known);
        }
        return known;
    }

    /** A learned bias trains, and freezes, with the embeddings. */
    private Tensor once(
            Map<Object, Tensor> all, Object key, boolean learned, Supplier<Tensor> computation) {
        var known = all.get(key);
        if (known == null) {
            known =
                    frozen.embeddings()
                            ? TransformerEncoder.withoutGraph(computation)
                            : computation.get();
            known = scope.take(known);
            if (shared.roots() != null && learned && !frozen.embeddings()) {
                known = leafOf(known, shared.roots());
            }
            all.put(key, known);
        }
        return known;
    }

    private Tensor leafOf(Tensor computed, List<Root> roots) {
        var leaf = scope.take(Autograd.requireGrad(computed.detach(), true));
        roots.add(new Root(computed, leaf));
        return leaf;
    }

    private Tensor withPadding(AttentionBias bias) {
        var mask = batch.attentionBias();
        return mask == null ? bias.of(batch) : bias.of(batch).add(mask);
    }
}
