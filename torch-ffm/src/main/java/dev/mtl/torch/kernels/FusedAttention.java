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
        MkldnnLinear.requireNoGraph();
        requireShapes(all, sequences, heads, mask);
        long rows = sequences;
        long length = all.size(0) / sequences;
        long hidden = all.size(1) / 3;
        long width = hidden / heads;
        TENSORS.requireScope("scaled_dot_product_flash_attention_for_cpu");
        try (var borrowed = new BorrowedHandles()) {
            var source = TENSORS.handle(all, borrowed);
            var layout = Scratch.get().bytes(8 * Long.BYTES);
            write(layout, rows, heads, length, width, length * 3 * hidden, width, 3 * hidden, 1);
            var query = borrowed.take(view(source, layout, 4, 0));
            var key = borrowed.take(view(source, layout, 4, hidden));
            var value = borrowed.take(view(source, layout, 4, 2 * hidden));
            var bias = MemorySegment.NULL;
            if (mask != null) {
                bias = Scratch.get().stack(1);
                bias.set(ValueLayout.ADDRESS, 0, TENSORS.handle(mask, borrowed));
            }
            var out = Scratch.get().out();
            check(
                    LibTorchAbi.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
                            query,
                            key,
                            value,
                            0,
                            0,
                            bias,
                            MemorySegment.NULL,
                            out,
                            out.asSlice(Long.BYTES)),
                    all,
                    sequences,
                    heads,
                    mask);
            var context = borrowed.take(out.get(ValueLayout.JAVA_LONG, 0));
            borrowed.take(out.get(ValueLayout.JAVA_LONG, Long.BYTES));
            // Its shape is [B, heads, S, d], its memory is in the order [B, S, heads, d].
            write(layout, rows * length, hidden, hidden, 1);
            return TENSORS.adoptFloats(view(context, layout, 2, 0), rows * length, hidden);
        }
    }

    private static void requireShapes(Tensor all, int sequences, int heads, @Nullable Tensor mask) {
        if (!MkldnnLinear.isFloatOnCpu(all)
                || all.dim() != 2
                || all.numel() == 0
                || sequences < 1
                || all.size(0) % sequences != 0
                || heads < 1
                || all.size(1) % (3L * heads) != 0
                || !TENSORS.isDense(all)
                || (mask != null && !fits(mask, sequences, heads, all.size(0) / sequences))) {
            throw new IllegalArgumentException(
                    describe(all, sequences, heads, mask)
                            + ": expected contiguous [sequences * S, 3 * heads * d] and a mask for"
                            + " [sequences, heads, S, S], FLOAT32 on the CPU");
        }
    }

    private static boolean fits(Tensor mask, int sequences, int heads, long length) {
        if (!MkldnnLinear.isFloatOnCpu(mask) || mask.dim() != 4) {
            return false;
        }
        long[] sizes = {sequences, heads, length, length};
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
            int code, Tensor all, int sequences, int heads, @Nullable Tensor mask) {
        if (code != 0) {
            throw NativeCalls.failure(describe(all, sequences, heads, mask));
        }
    }

    private static String describe(Tensor all, int sequences, int heads, @Nullable Tensor mask) {
        return "scaled_dot_product_flash_attention_for_cpu(query_key_value: %s, sequences: %d,"
                        .formatted(all, sequences)
                + " heads: %d, mask: %s)".formatted(heads, NativeCalls.describe(mask));
    }
}
