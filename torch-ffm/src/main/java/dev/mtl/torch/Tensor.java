package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An n-dimensional array in native memory, with the operators of the families it implements.
 *
 * <p><b>Ownership.</b> A tensor belongs to a {@link TensorScope}, which frees it; {@link #close}
 * frees it earlier. Every operator gives a new tensor that belongs to the innermost open scope of
 * the calling thread. Several tensors may share one native memory (views, {@link #detach}); it goes
 * when the last of them goes.
 *
 * <p><b>Failures.</b> A closed tensor throws {@link IllegalStateException}, a tensor of another
 * thread {@link WrongThreadException}, an argument of the wrong kind {@link
 * IllegalArgumentException}, and what LibTorch itself rejects {@link TorchException}.
 */
public final class Tensor
        implements AutoCloseable,
                ArithmeticOps,
                ComparisonOps,
                ReductionOps,
                ViewOps,
                NnOps,
                Losses,
                ConversionOps,
                HostReads {
    private static final AtomicLong LIVE = new AtomicLong();

    private long handle;
    private TensorScope scope;
    private int indexInScope;
    private long @Nullable [] shape;
    private @Nullable DType dtype;
    private @Nullable Device device;
    private @Nullable Boolean dense;

    private Tensor(long handle, TensorScope scope) {
        this.handle = handle;
        this.scope = scope;
    }

    /** Takes over a native reference. */
    static Tensor adopt(long handle, TensorScope scope) {
        var tensor = new Tensor(handle, scope);
        scope.add(tensor);
        LIVE.incrementAndGet();
        return tensor;
    }

    /** Takes over a native reference to a FLOAT32 tensor on the CPU whose shape is known. */
    static Tensor adoptFloats(long handle, TensorScope scope, long... shape) {
        var tensor = adopt(handle, scope);
        tensor.shape = shape;
        tensor.dtype = DType.FLOAT32;
        tensor.device = Device.CPU;
        return tensor;
    }

    /**
     * Tensors that are not yet freed, in the whole process: what a test compares before and after.
     */
    public static long liveCount() {
        return LIVE.get();
    }

    @Override
    public Tensor self() {
        return this;
    }

    // ---- lifetime ----

    TensorScope scope() {
        return scope;
    }

    int indexInScope() {
        return indexInScope;
    }

    void belongTo(TensorScope newScope, int index) {
        scope = newScope;
        indexInScope = index;
    }

    /** Whether the tensor was freed, by itself or with its scope. */
    public boolean isClosed() {
        return handle == 0;
    }

    void checkUsable() {
        scope.checkThread();
        if (handle == 0) {
            throw new IllegalStateException(
                    "this tensor is closed: it was freed, or the TensorScope that owned it was;"
                            + " moveOut() or take() keeps one longer");
        }
    }

    /**
     * A new native reference for a call to consume. The lock keeps a shared tensor from being freed
     * meanwhile.
     */
    long newReference() {
        if (!scope.isShared()) {
            checkUsable();
            return copyReference();
        }
        synchronized (this) {
            checkUsable();
            return copyReference();
        }
    }

    /** Whether only the thread of its scope can free it. */
    boolean isConfined() {
        return !scope.isShared();
    }

    /** The tensor's own native reference: good until the tensor is closed. */
    long ownHandle() {
        checkUsable();
        return handle;
    }

    /** Another reference to the same native tensor, owned by the innermost scope. */
    Tensor duplicateHandle() {
        var scope = TensorScope.current("to");
        return adopt(newReference(), scope);
    }

    private long copyReference() {
        var out = Scratch.get().out();
        NativeCalls.check(
                LibTorchAbi.aoti_torch_new_tensor_handle(MemorySegment.ofAddress(handle), out),
                "aoti_torch_new_tensor_handle");
        return out.get(ValueLayout.JAVA_LONG, 0);
    }

    /** Frees this tensor now. Closing twice does nothing. */
    @Override
    public void close() {
        if (handle != 0) {
            scope.checkThread();
            scope.remove(this);
            free();
        }
    }

    synchronized void free() {
        if (handle != 0) {
            NativeCalls.deleteTensor(handle);
            handle = 0;
            LIVE.decrementAndGet();
        }
    }

    // ---- what it is ----

    /** The sizes of the dimensions; an array of the caller's own. */
    public long[] shape() {
        return knownShape().clone();
    }

    private long[] knownShape() {
        checkUsable();
        var known = shape;
        if (known == null) {
            known =
                    borrow(
                            (self, out) -> {
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_get_dim(self, out),
                                        "aoti_torch_get_dim");
                                long dims = out.get(ValueLayout.JAVA_LONG, 0);
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_get_sizes(self, out),
                                        "aoti_torch_get_sizes");
                                return out.get(ValueLayout.ADDRESS, 0)
                                        .reinterpret(dims * Long.BYTES)
                                        .toArray(ValueLayout.JAVA_LONG);
                            });
            shape = known;
        }
        return known;
    }

    /** The number of dimensions. */
    public int dim() {
        return knownShape().length;
    }

    /** The size of a dimension; -1 is the last. */
    public long size(int dimension) {
        var sizes = knownShape();
        int index = dimension < 0 ? dimension + sizes.length : dimension;
        if (index < 0 || index >= sizes.length) {
            throw new IndexOutOfBoundsException("dimension " + dimension + " of " + this);
        }
        return sizes[index];
    }

    /** The number of elements. */
    public long numel() {
        long count = 1;
        for (long size : knownShape()) {
            count *= size;
        }
        return count;
    }

    public DType dtype() {
        var known = dtype;
        if (known == null) {
            known =
                    borrow(
                            (self, out) -> {
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_get_dtype(self, out),
                                        "aoti_torch_get_dtype");
                                return DType.ofCode(out.get(ValueLayout.JAVA_INT, 0));
                            });
            dtype = known;
        }
        return known;
    }

    public Device device() {
        var known = device;
        if (known == null) {
            known =
                    borrow(
                            (self, out) -> {
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_get_device_type(self, out),
                                        "aoti_torch_get_device_type");
                                int type = out.get(ValueLayout.JAVA_INT, 0);
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_get_device_index(self, out),
                                        "aoti_torch_get_device_index");
                                return Device.ofCodes(
                                        type, Math.max(0, out.get(ValueLayout.JAVA_INT, 0)));
                            });
            device = known;
        }
        return known;
    }

    /**
     * Whether the elements lie in memory without gaps, row by row. Those of a packed weight do not,
     * which is contiguous by its own account, too.
     */
    boolean isDense() {
        checkUsable();
        var known = dense;
        if (known == null) {
            known =
                    borrow(
                            (self, out) -> {
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_get_layout(self, out),
                                        "aoti_torch_get_layout");
                                if (out.get(ValueLayout.JAVA_INT, 0)
                                        != LibTorchAbi.aoti_torch_layout_strided()) {
                                    return false;
                                }
                                NativeCalls.check(
                                        LibTorchAbi.aoti_torch_is_contiguous(self, out),
                                        "aoti_torch_is_contiguous");
                                return out.get(ValueLayout.JAVA_BOOLEAN, 0);
                            });
            dense = known;
        }
        return known;
    }

    /**
     * Runs {@code call} on a handle that cannot be freed meanwhile, even if another thread closes
     * this tensor. The call itself must not: what runs code of others is for {@link #hold}.
     */
    <R> R borrow(Borrower<R> call) {
        return isConfined()
                ? call.apply(MemorySegment.ofAddress(ownHandle()), Scratch.get().out())
                : hold(call);
    }

    /** Runs {@code call} on a reference of its own: whatever it does, the memory stays. */
    <R> R hold(Borrower<R> call) {
        long reference = newReference();
        try {
            return call.apply(MemorySegment.ofAddress(reference), Scratch.get().out());
        } finally {
            NativeCalls.deleteTensor(reference);
        }
    }

    /** A native call on a borrowed handle, with sixteen bytes for its result. */
    interface Borrower<R> {
        R apply(MemorySegment handle, MemorySegment out);
    }

    /** {@code float32[2, 3] cpu}, or {@code closed tensor}. */
    @Override
    public String toString() {
        if (isClosed()) {
            return "closed tensor";
        }
        try {
            return dtype().name().toLowerCase(java.util.Locale.ROOT)
                    + Arrays.toString(knownShape())
                    + " "
                    + device();
        } catch (WrongThreadException e) {
            return "tensor of another thread";
        }
    }
}
