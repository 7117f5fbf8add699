package dev.mtl.train.sampling;

import dev.mtl.core.internal.LengthBuckets;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.train.workers.Workers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;

/**
 * The token embeddings of all texts of a dataset, computed once: a backbone that is frozen and does
 * not drop out gives the same each time. They are computed in batches that do not depend on the
 * training's, so that a resumed run computes the same bits.
 */
final class FeatureCache implements AutoCloseable {
    private final TensorScope owner = TensorScope.shared();
    private final Tensor[] features;

    private FeatureCache(int texts) {
        features = new Tensor[texts];
    }

    /**
     * How much memory the features of texts take, in bytes.
     *
     * @param hiddenSize H
     */
    static long bytes(List<Encoding> encodings, int hiddenSize) {
        long tokens = encodings.stream().mapToLong(Encoding::length).sum();
        return tokens * hiddenSize * Float.BYTES;
    }

    /**
     * Runs the backbone on all texts.
     *
     * @param progress hears how many texts are done
     */
    static FeatureCache compute(
            MultiTaskModel model,
            List<Encoding> encodings,
            Workers workers,
            int batchTokens,
            IntConsumer progress) {
        var cache = new FeatureCache(encodings.size());
        if (encodings.isEmpty()) {
            return cache;
        }
        try {
            var lengths = encodings.stream().mapToInt(Encoding::length).toArray();
            // One worker's worth: the batches must not depend on the number of cores.
            var batches = LengthBuckets.plan(lengths, batchTokens, 1);
            var tasks = new ArrayList<Callable<Boolean>>();
            for (var batch : batches) {
                tasks.add(
                        () -> {
                            cache.fill(model, batch, encodings);
                            progress.accept(batch.length);
                            return true;
                        });
            }
            workers.all(tasks);
            return cache;
        } catch (RuntimeException | Error e) {
            cache.close();
            throw e;
        }
    }

    private void fill(MultiTaskModel model, int[] indices, List<Encoding> encodings) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch = model.pad(Arrays.stream(indices).mapToObj(encodings::get).toList());
            var tokens = model.encoder().forward(batch);
            for (int row = 0; row < indices.length; row++) {
                var real =
                        tokens.slice(0, row, row + 1)
                                .slice(1, 0, encodings.get(indices[row]).length());
                features[indices[row]] = owner.take(real.copy());
            }
        }
    }

    /**
     * The features of some texts, padded with zeros.
     *
     * @return {@code [B, S, H]}, owned by the innermost scope
     */
    Tensor batch(int[] indices) {
        long longest = Arrays.stream(indices).mapToLong(i -> features[i].size(1)).max().orElse(0);
        var rows = new ArrayList<Tensor>();
        for (int index : indices) {
            rows.add(padded(features[index], longest));
        }
        return Tensors.cat(rows, 0);
    }

    private static Tensor padded(Tensor row, long length) {
        long missing = length - row.size(1);
        return missing == 0
                ? row
                : Tensors.cat(
                        List.of(
                                row,
                                Tensors.zeros(
                                        DType.FLOAT32, row.device(), 1, missing, row.size(2))),
                        1);
    }

    @Override
    public void close() {
        owner.close();
    }
}
