package dev.mtl.core.transformer;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * A gradient cache: a training pass over a large batch whose layers see a chunk of its sequences at
 * a time (Gao et al. 2021, arXiv 2101.06983). The first time they keep no graph; once the gradients
 * of the token embeddings are due, each chunk is computed again with a graph, and goes backward.
 * Dropout draws the same numbers both times, so the gradients are those of the whole batch at once.
 */
public final class ChunkedPass implements TrainingPass {
    private final TransformerEncoder encoder;
    private final TokenBatch batch;
    private final Frozen frozen;
    private final int size;
    private final TensorScope scope;
    private final Function<List<Encoding>, TokenBatch> pad;
    private final List<RandomStream.Mark> draws = new ArrayList<>();
    private @Nullable Tensor output;

    /**
     * A pass over one batch.
     *
     * @param encoder on leaves, of which those that train require gradients
     * @param size sequences in a chunk
     * @param pad makes the batch of a chunk
     * @param scope the innermost one, takes the token embeddings
     */
    public ChunkedPass(
            TransformerEncoder encoder,
            TokenBatch batch,
            Frozen frozen,
            int size,
            Function<List<Encoding>, TokenBatch> pad,
            TensorScope scope) {
        this.encoder = encoder;
        this.batch = batch;
        this.frozen = frozen;
        this.size = size;
        this.pad = pad;
        this.scope = scope;
    }

    @Override
    public Tensor forward() {
        var chunks = new ArrayList<Tensor>();
        try (var inner = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int from = 0; from < batch.rows(); from += size) {
                draws.add(
                        RandomStream.mark()
                                .orElseThrow(
                                        () ->
                                                new IllegalStateException(
                                                        "needs an open RandomStream")));
                try (var _ = TensorScope.open()) {
                    chunks.add(inner.take(widened(chunk(from))));
                }
            }
            output = scope.take(Tensors.cat(chunks, 0));
        }
        return Autograd.requireGrad(
                Objects.requireNonNull(output), frozen.layers() < encoder.depth());
    }

    @Override
    public LayerOutputs forward(Collection<Integer> wanted) {
        if (!wanted.isEmpty()) {
            throw new ConfigurationException(
                    "a task's layers: a gradient cache keeps the last layer alone, not "
                            + wanted
                            + "; leave out the task's layers or the cache");
        }
        return LayerOutputs.of(forward());
    }

    private Tensor chunk(int from) {
        var rows = batch.encodings().subList(from, Math.min(batch.rows(), from + size));
        return encoder.forward(pad.apply(rows), Mode.TRAINING, frozen);
    }

    /** With zeros behind the chunk's own longest sequence. */
    private Tensor widened(Tensor chunk) {
        long missing = batch.length() - chunk.size(1);
        return missing == 0
                ? chunk
                : Tensors.cat(
                        List.of(
                                chunk,
                                Tensors.zeros(
                                        chunk.dtype(),
                                        chunk.device(),
                                        chunk.size(0),
                                        missing,
                                        chunk.size(2))),
                        1);
    }

    /** Goes a chunk at a time. */
    @Override
    public void backward(IntConsumer done) {
        var gradient = Autograd.takeGrad(Objects.requireNonNull(output, "forward() first"));
        if (gradient.isEmpty()) {
            return;
        }
        for (int i = 0; i < draws.size(); i++) {
            int from = i * size;
            try (var _ = TensorScope.open();
                    var _ = RandomStream.open(draws.get(i))) {
                var chunk = chunk(from);
                var own =
                        gradient.get()
                                .slice(0, from, from + chunk.size(0))
                                .slice(1, 0, chunk.size(1));
                Autograd.backward(chunk.mul(own).sum());
            }
        }
    }
}
