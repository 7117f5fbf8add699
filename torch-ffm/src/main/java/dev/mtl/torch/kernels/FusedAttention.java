package dev.mtl.torch.kernels;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.BorrowedHandles;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.Scratch;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.loading.Requirements;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Self-attention on queries, keys and values from one linear layer, for inference in FLOAT32 on the
 * CPU. Calls the kernel that {@link Tensor#scaledDotProductAttention} selects by its C function, on
 * views that need no operator calls: at batch size 1 these take as much time as attention itself.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/transformers/attention.cpp">attention.cpp</a>
 */
public final class FusedAttention {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);
    private static final OptionalKernel KERNEL =
            new OptionalKernel(Requirements.ATTENTION, FusedAttention::works);

    private FusedAttention() {}

    /** Whether this LibTorch has the kernel and its results equal those of the operator. */
    public static boolean isAvailable() {
        return KERNEL.works();
    }

    /** Compares the kernel with the operator on a small input. */
    private static boolean works() {
        long heads = 2;
        long length = 3;
        long width = 4;
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var values = new float[2 * (int) (length * 3 * heads * width)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (i * 37 % 101) / 101f;
            }
            var all = Tensors.of(values, 2, length, 3L * heads * width);
            var mask = Tensors.of(new float[] {0, 0, 0, 0, 0, -Float.MAX_VALUE}, 2, 1, 1, length);
            var parts = all.view(2, length, 3, heads, width).permute(2, 0, 3, 1, 4);
            var expected =
                    parts.select(0, 0)
                            .scaledDotProductAttention(parts.select(0, 1), parts.select(0, 2), mask)
                            .transpose(1, 2)
                            .reshape(2, length, heads * width);
            var tokens = all.view(2 * length, 3 * heads * width);
            return Arrays.equals(
                    expected.toFloats(), apply(tokens, 2, (int) heads, mask).toFloats());
        } catch (TorchException e) {
            return false;
        }
    }

    /**
     * {@code softmax(q k' / sqrt(d) + mask) v} for all heads.
     *
     * @param all {@code [B * S, 3 * heads * d]}, FLOAT32, on the CPU, contiguous: for each token of
     *     each sequence the queries of all heads, then the keys, then the values
     * @param sequences B
     * @param mask FLOAT32, of four dimensions, broadcast to {@code [B, heads, S, S]}, added to the
     *     scores; null for none
     * @return {@code [B * S, heads * d]}, owned by the innermost scope
     */
    public static Tensor apply(Tensor all, int sequences, int heads, @Nullable Tensor mask) {
        return apply(all, sequences, heads, mask, 0);
    }

    /**
     * {@code softmax(q k' * scale + mask) v} for all heads.
     *
     * @param all {@code [B * S, 3 * heads * d]}, as for {@link #apply(Tensor, int, int, Tensor)}
     * @param sequences B
     * @param mask as for {@link #apply(Tensor, int, int, Tensor)}; its last dimension is contiguous
     * @param scale 0 for {@code 1 / sqrt(d)}
     * @return {@code [B * S, heads * d]}, owned by the innermost scope
     */
    public static Tensor apply(
            Tensor all, int sequences, int heads, @Nullable Tensor mask, double scale) {
        if (sequences < 1 || all.dim() != 2 || all.size(0) % sequences != 0) {
            throw new IllegalArgumentException(
                    "attention(query_key_value: %s, sequences: %d): expected [sequences * S, 3 * heads * d]"
                            .formatted(all, sequences));
        }
        return applyToBlocks(
                all, heads, Blocks.sequences(sequences, all.size(0) / sequences), mask, scale);
    }

    /**
     * Rows that attend to rows, in blocks of one shape.
     *
     * @param count of blocks
     * @param stride rows from a block to the next
     * @param queries rows of a block that attend, from {@code firstQuery} in the first block
     * @param keys rows of a block that are attended to, from {@code firstKey} in the first block;
     *     blocks may share rows
     */
    public record Blocks(
            int count, long stride, long firstQuery, long queries, long firstKey, long keys) {
        /** Each row attends to all rows of its sequence. */
        static Blocks sequences(int count, long length) {
            return new Blocks(count, length, 0, length, 0, length);
        }

        private boolean isWithin(long rows) {
            return count > 0
                    && stride > 0
                    && isWithin(rows, firstQuery, queries)
                    && isWithin(rows, firstKey, keys);
        }

        /** The same of a part of each block, in an order in which nothing overflows. */
        private boolean isWithin(long rows, long first, long size) {
            return size > 0
                    && size <= rows
                    && first >= 0
                    && first <= rows - size
                    && count - 1 <= (rows - size - first) / stride;
        }
    }

    /**
     * {@code softmax(q k' / sqrt(d) + mask) v} for all heads, for blocks of rows that attend to
     * rows near them. Nothing is copied.
     *
     * @param all {@code [T, 3 * heads * d]}, FLOAT32, on the CPU, contiguous: for each token the
     *     queries of all heads, then the keys, then the values
     * @param mask FLOAT32, of four dimensions, broadcast to {@code [blocks, heads, queries, keys]},
     *     added to the scores; null for none
     * @return {@code [blocks * queries, heads * d]}, owned by the innermost scope
     */
    public static Tensor applyToBlocks(
            Tensor all, int heads, Blocks blocks, @Nullable Tensor mask) {
        return applyToBlocks(all, heads, blocks, mask, 0);
    }

    private static Tensor applyToBlocks(
            Tensor all, int heads, Blocks blocks, @Nullable Tensor mask, double scale) {
        MkldnnLinear.requireNoGraph();
        requireShapes(all, heads, blocks, mask);
        long count = blocks.count();
        long hidden = all.size(1) / 3;
        long width = hidden / heads;
        long row = 3 * hidden;
        TENSORS.requireScope("scaled_dot_product_flash_attention_for_cpu");
        try (var borrowed = new BorrowedHandles()) {
            var source = TENSORS.handle(all, borrowed);
            var layout = Scratch.get().bytes(8 * Long.BYTES);
            long stride = blocks.stride() * row;
            write(layout, count, heads, blocks.queries(), width, stride, width, row, 1);
            var query = borrowed.take(view(source, layout, 4, blocks.firstQuery() * row));
            write(layout, count, heads, blocks.keys(), width, stride, width, row, 1);
            long keys = blocks.firstKey() * row + hidden;
            var key = borrowed.take(view(source, layout, 4, keys));
            var value = borrowed.take(view(source, layout, 4, keys + hidden));
            var bias = MemorySegment.NULL;
            if (mask != null) {
                bias = Scratch.get().stack(1);
                bias.set(ValueLayout.ADDRESS, 0, TENSORS.handle(mask, borrowed));
            }
            var factor = MemorySegment.NULL;
            if (scale != 0) {
                // The layout of the views has been read.
                factor = layout;
                factor.set(ValueLayout.JAVA_DOUBLE, 0, scale);
            }
            var out = Scratch.get().out();
            check(
                    LibTorchAbi.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
                            query, key, value, 0, 0, bias, factor, out, out.asSlice(Long.BYTES)),
                    all,
                    heads,
                    blocks,
                    mask);
            var context = borrowed.take(out.get(ValueLayout.JAVA_LONG, 0));
            borrowed.take(out.get(ValueLayout.JAVA_LONG, Long.BYTES));
            // Its shape is [B, heads, S, d], its memory is in the order [B, S, heads, d].
            long rows = count * blocks.queries();
            write(layout, rows, hidden, hidden, 1);
            return TENSORS.adoptFloats(view(context, layout, 2, 0), rows, hidden);
        }
    }

    private static void requireShapes(Tensor all, int heads, Blocks blocks, @Nullable Tensor mask) {
        if (!MkldnnLinear.isFloatOnCpu(all)
                || all.dim() != 2
                || all.numel() == 0
                || !blocks.isWithin(all.size(0))
                || heads < 1
                || all.size(1) % (3L * heads) != 0
                || !TENSORS.isDense(all)
                || (mask != null && !fits(mask, heads, blocks))) {
            throw new IllegalArgumentException(
                    describe(all, heads, blocks, mask)
                            + ": expected contiguous [T, 3 * heads * d] with the rows of all"
                            + " blocks, and a mask for [blocks, heads, queries, keys], FLOAT32 on"
                            + " the CPU");
        }
    }

    private static boolean fits(Tensor mask, int heads, Blocks blocks) {
        if (!MkldnnLinear.isFloatOnCpu(mask) || mask.dim() != 4) {
            return false;
        }
        long[] sizes = {blocks.count(), heads, blocks.queries(), blocks.keys()};
        for (int i = 0; i < sizes.length; i++) {
            if (mask.size(i) != 1 && mask.size(i) != sizes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Sizes, then strides. */
    private static void write(MemorySegment layout, long... numbers) {
        for (int i = 0; i < numbers.length; i++) {
            layout.setAtIndex(ValueLayout.JAVA_LONG, i, numbers[i]);
        }
    }

    private static long view(MemorySegment tensor, MemorySegment layout, int dims, long offset) {
        var out = Scratch.get().out();
        NativeCalls.check(
                LibTorchAbi.aoti_torch__reinterpret_tensor(
                        tensor,
                        dims,
                        layout,
                        layout.asSlice((long) dims * Long.BYTES),
                        offset,
                        out),
                "aoti_torch__reinterpret_tensor");
        return out.get(ValueLayout.JAVA_LONG, 0);
    }

    private static void check(
            int code, Tensor all, int heads, Blocks blocks, @Nullable Tensor mask) {
        if (code != 0) {
            throw NativeCalls.failure(describe(all, heads, blocks, mask));
        }
    }

    private static String describe(Tensor all, int heads, Blocks blocks, @Nullable Tensor mask) {
        return "scaled_dot_product_flash_attention_for_cpu(query_key_value: %s, heads: %d, %s,"
                        .formatted(all, heads, blocks)
                + " mask: %s)".formatted(NativeCalls.describe(mask));
    }
}
