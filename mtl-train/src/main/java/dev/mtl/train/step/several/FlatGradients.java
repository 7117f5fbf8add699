package dev.mtl.train.step.several;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.train.step.WordRows;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The gradients of all parameters that train, one after the other in one vector, which is cut into
 * buckets of one size: what processes exchange. The heads come first and the embeddings last, as in
 * a backward pass. Of the word embeddings it may have some rows alone.
 */
final class FlatGradients {
    /** The vector of a gradient begins where a tensor of its own might: at 64 bytes. */
    private static final int ALIGNMENT = 16;

    /** Buckets of a small model: while the last ones are computed, the first ones travel. */
    private static final int FEWEST = 8;

    private final List<long[]> shapes;
    private final @Nullable WordRows words;
    private final long[] offsets;
    private final List<List<Piece>> buckets = new ArrayList<>();
    private final List<Integer> lowestLayers;
    private final long bucketSize;
    private final long size;

    /** The part of a parameter, from one element to another, that is in a bucket. */
    private record Piece(int parameter, long from, long to) {}

    /**
     * A layout of gradients.
     *
     * @param shapes of the parameters; null for those that do not train
     * @param layers of the parameters, see {@link ParameterLayers}
     * @param words the rows of the word embeddings that have gradients; null for all of them
     * @param largest elements of a bucket of a large model
     */
    FlatGradients(
            List<long @Nullable []> shapes,
            List<Integer> layers,
            @Nullable WordRows words,
            long largest) {
        this.words = words;
        this.shapes = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            var shape = isPart(i) ? Objects.requireNonNull(words).shape() : shapes.get(i);
            this.shapes.add(shape == null ? new long[] {0} : shape);
        }
        offsets = new long[shapes.size()];
        long end = 0;
        for (int i = shapes.size() - 1; i >= 0; i--) {
            offsets[i] = end;
            end += Math.ceilDiv(count(i), ALIGNMENT) * ALIGNMENT;
        }
        size = end;
        bucketSize = Math.clamp(size / FEWEST, ALIGNMENT, largest);
        for (int i = shapes.size() - 1; i >= 0; i--) {
            cut(i, offsets[i], count(i));
        }
        lowestLayers =
                buckets.stream()
                        .map(
                                pieces ->
                                        pieces.stream()
                                                .mapToInt(piece -> layers.get(piece.parameter()))
                                                .min()
                                                .orElseThrow())
                        .toList();
    }

    /** The lowest layer that has gradients in a bucket. */
    int lowestLayer(int bucket) {
        return lowestLayers.get(bucket);
    }

    /** Whether some rows of a parameter alone have gradients. */
    private boolean isPart(int parameter) {
        return words != null && words.parameter() == parameter;
    }

    /**
     * Takes what is kept of a micro-batch's gradients.
     *
     * @param gradients one for each parameter, null where there is none
     * @param owner owns what is kept
     */
    List<@Nullable Tensor> keep(List<@Nullable Tensor> gradients, TensorScope owner) {
        var kept = new ArrayList<@Nullable Tensor>();
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int i = 0; i < gradients.size(); i++) {
                var gradient = gradients.get(i);
                if (gradient != null && isPart(i)) {
                    gradient = Objects.requireNonNull(words).of(gradient);
                }
                kept.add(gradient == null ? null : owner.take(gradient));
            }
        }
        return kept;
    }

    private long count(int parameter) {
        long count = 1;
        for (long length : shapes.get(parameter)) {
            count *= length;
        }
        return count;
    }

    private void cut(int parameter, long offset, long count) {
        long from = 0;
        while (from < count) {
            int bucket = Math.toIntExact((offset + from) / bucketSize);
            long to = Math.min(count, (bucket + 1) * bucketSize - offset);
            while (buckets.size() <= bucket) {
                buckets.add(new ArrayList<>());
            }
            buckets.get(bucket).add(new Piece(parameter, from, to));
            from = to;
        }
    }

    /** Bytes of the vector. */
    long bytes() {
        return size * Float.BYTES;
    }

    /** A vector that will be overwritten. */
    Tensor uninitialized() {
        return Tensors.empty(DType.FLOAT32, Device.CPU, size);
    }

    /** Runs {@code work} on the memory of a vector's buckets. */
    void useBuckets(Tensor vector, Consumer<List<ByteBuffer>> work) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var views = new ArrayList<Tensor>();
            for (int i = 0; i < buckets.size(); i++) {
                long start = i * bucketSize;
                views.add(vector.slice(0, start, Math.min(size, start + bucketSize)));
            }
            TensorBytes.use(views, work);
        }
    }

    /**
     * Adds gradients to a bucket of a vector, in their order.
     *
     * @param all of each micro-batch one for each parameter, null where there is none
     * @param begins whether the first of them overwrite the bucket
     */
    void add(Tensor vector, int bucket, Collection<List<@Nullable Tensor>> all, boolean begins) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            boolean overwrites = begins;
            for (var gradients : all) {
                if (overwrites) {
                    overwrite(vector, bucket, gradients);
                    overwrites = false;
                } else {
                    add(vector, bucket, gradients);
                }
            }
            if (overwrites) {
                overwrite(vector, bucket, Collections.nCopies(shapes.size(), null));
            }
        }
    }

    private void add(Tensor vector, int bucket, List<@Nullable Tensor> gradients) {
        var sums = new ArrayList<Tensor>();
        var addends = new ArrayList<Tensor>();
        for (var piece : buckets.get(bucket)) {
            var gradient = gradients.get(piece.parameter());
            if (gradient != null) {
                sums.add(slice(vector, piece));
                addends.add(gradient.reshape(-1).slice(0, piece.from(), piece.to()));
            }
        }
        Gradients.addInPlace(sums, addends, 1);
    }

    /**
     * Where there is no gradient, the sum begins with -0.0, which added to any number, zeros
     * included, gives just that number.
     */
    private void overwrite(Tensor vector, int bucket, List<@Nullable Tensor> gradients) {
        for (var piece : buckets.get(bucket)) {
            var gradient = gradients.get(piece.parameter());
            slice(vector, piece)
                    .copyFrom(
                            gradient == null
                                    ? Tensors.scalar(-0.0f)
                                    : gradient.reshape(-1).slice(0, piece.from(), piece.to()));
        }
    }

    private Tensor slice(Tensor vector, Piece piece) {
        long offset = offsets[piece.parameter()];
        return vector.slice(0, offset + piece.from(), offset + piece.to());
    }

    /**
     * The gradients in a vector.
     *
     * @param present which parameters have one
     * @return views, of the word embeddings perhaps a copy, owned by {@code owner}; null for the
     *     other parameters
     */
    List<@Nullable Tensor> gradients(Tensor vector, BitSet present, TensorScope owner) {
        var gradients = new ArrayList<@Nullable Tensor>();
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int i = 0; i < shapes.size(); i++) {
                gradients.add(present.get(i) ? owner.take(gradient(vector, i)) : null);
            }
        }
        return gradients;
    }

    private Tensor gradient(Tensor vector, int parameter) {
        long start = offsets[parameter];
        var view = vector.slice(0, start, start + count(parameter)).view(shapes.get(parameter));
        return isPart(parameter) ? Objects.requireNonNull(words).whole(view) : view;
    }
}
