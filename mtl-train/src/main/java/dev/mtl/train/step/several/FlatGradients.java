package dev.mtl.train.step.several;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.torch.optim.Gradients;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * The gradients of all parameters that train, one after the other in one vector, which is cut into
 * buckets of one size: what processes exchange.
 */
final class FlatGradients {
    /** The vector of a gradient begins where a tensor of its own might: at 64 bytes. */
    private static final int ALIGNMENT = 16;

    private final List<long[]> shapes;
    private final List<Long> offsets = new ArrayList<>();
    private final List<List<Piece>> buckets = new ArrayList<>();
    private final long bucketSize;
    private final long size;

    /** The part of a parameter, from one element to another, that is in a bucket. */
    private record Piece(int parameter, long from, long to) {}

    /**
     * A layout of gradients.
     *
     * @param shapes of the parameters; null for those that do not train
     * @param bucketSize elements of a bucket
     */
    FlatGradients(List<long @Nullable []> shapes, long bucketSize) {
        this.bucketSize = bucketSize;
        this.shapes = new ArrayList<>();
        long end = 0;
        for (int i = 0; i < shapes.size(); i++) {
            var shape = shapes.get(i);
            this.shapes.add(shape == null ? new long[] {0} : shape);
            offsets.add(end);
            long count = count(i);
            cut(i, end, count);
            end += Math.ceilDiv(count, ALIGNMENT) * ALIGNMENT;
        }
        size = end;
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
        long offset = offsets.get(piece.parameter());
        return vector.slice(0, offset + piece.from(), offset + piece.to());
    }

    /**
     * The gradients in a vector.
     *
     * @param present which parameters have one
     * @return views, owned by {@code owner}; null for the other parameters
     */
    List<@Nullable Tensor> views(Tensor vector, BitSet present, TensorScope owner) {
        var views = new ArrayList<@Nullable Tensor>();
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int i = 0; i < shapes.size(); i++) {
                long start = offsets.get(i);
                views.add(
                        present.get(i)
                                ? owner.take(
                                        vector.slice(0, start, start + count(i))
                                                .view(shapes.get(i)))
                                : null);
            }
        }
        return views;
    }
}
