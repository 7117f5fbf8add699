package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.NativeCall;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.Scratch;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.dispatch.TensorMetadata;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An n-dimensional array in native memory, with its operators.
 *
 * <p><b>Ownership.</b> A tensor belongs to a {@link TensorScope}, which frees it; {@link #close}
 * frees it earlier. Every operator returns a new tensor that belongs to the innermost open scope of
 * the calling thread. Tensors may share native memory (views, {@link #detach}), which is freed with
 * the last of them.
 *
 * <p><b>Errors.</b> {@link IllegalStateException} for a closed tensor, {@link WrongThreadException}
 * for a tensor of another thread's scope, {@link IllegalArgumentException} for an argument of the
 * wrong type, {@link dev.mtl.torch.error.TorchException} for what LibTorch rejects.
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

    static {
        TensorAccess.publish(Dispatcher.DISPATCHER);
    }

    private long handle;
    private TensorScope scope;
    private int indexInScope = TensorScope.NOWHERE;
    private long @Nullable [] shape;
    private @Nullable DType dtype;
    private @Nullable Device device;
    private @Nullable Boolean dense;

    private Tensor(long handle, TensorScope scope) {
        this.handle = handle;
        this.scope = scope;
    }

    /** Takes ownership of a native reference. */
    static Tensor adopt(long handle, TensorScope scope) {
        var tensor = new Tensor(handle, scope);
        scope.add(tensor);
        LIVE.incrementAndGet();
        return tensor;
    }

    /** Takes ownership of a reference to a FLOAT32 tensor on the CPU whose shape is known. */
    static Tensor adoptFloats(long handle, TensorScope scope, long... shape) {
        var tensor = adopt(handle, scope);
        tensor.shape = shape;
        tensor.dtype = DType.FLOAT32;
        tensor.device = Device.CPU;
        return tensor;
    }

    /**
     * The number of tensors in the process that are not freed yet, for tests that assert that
     * nothing leaks.
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

    /** Whether the tensor was freed, by {@link #close} or with its scope. */
    public boolean isClosed() {
        return handle == 0;
    }

    void checkUsable() {
        scope.checkThread();
        if (handle == 0) {
            throw new IllegalStateException(
                    "this tensor is closed, or the TensorScope that owned it is; keep it longer"
                            + " with moveOut() or take()");
        }
    }

    /**
     * A new native reference, to be consumed by a call. The lock keeps another thread from freeing
     * a shared tensor meanwhile.
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

    /** This tensor's native reference, valid until the tensor is closed. */
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
            if (scope.remove(this)) {
                free();
            }
        }
    }

    synchronized void free() {
        if (handle != 0) {
            NativeCalls.deleteTensor(handle);
            handle = 0;
            LIVE.decrementAndGet();
        }
    }

    // ---- metadata ----

    /** A copy of the sizes of the dimensions. */
    public long[] shape() {
        return knownShape().clone();
    }

    private long[] knownShape() {
        checkUsable();
        var known = shape;
        if (known == null) {
            known = borrow(TensorMetadata::shape);
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

    /** The element type. */
    public DType dtype() {
        var known = dtype;
        if (known == null) {
            known = borrow((self, out) -> DType.ofCode(TensorMetadata.dtype(self, out)));
            dtype = known;
        }
        return known;
    }

    /** Where the memory is. */
    public Device device() {
        var known = device;
        if (known == null) {
            known =
                    borrow(
                            (self, out) ->
                                    Device.ofCodes(
                                            TensorMetadata.deviceType(self, out),
                                            TensorMetadata.deviceIndex(self, out)));
            device = known;
        }
        return known;
    }

    /** Whether this tensor and another one have the same shape, dtype and device. */
    boolean isAlike(Tensor other) {
        readMetadata();
        return dtype() == other.dtype()
                && Arrays.equals(knownShape(), other.knownShape())
                && device().equals(other.device());
    }

    /** Whether the elements lie in memory without gaps, in row-major order. */
    boolean isDense() {
        checkUsable();
        var known = dense;
        if (known == null) {
            known = borrow(TensorMetadata::isDense);
            dense = known;
        }
        return known;
    }

    /** All metadata at once: a shared tensor is borrowed once, not for each. */
    private void readMetadata() {
        if (dtype == null) {
            borrow(
                    (self, out) -> {
                        shape = TensorMetadata.shape(self, out);
                        device =
                                Device.ofCodes(
                                        TensorMetadata.deviceType(self, out),
                                        TensorMetadata.deviceIndex(self, out));
                        dense = TensorMetadata.isDense(self, out);
                        dtype = DType.ofCode(TensorMetadata.dtype(self, out));
                        return true;
                    });
        }
    }

    /**
     * Runs {@code call} on a handle that cannot be freed meanwhile, even if another thread closes
     * this tensor. {@code call} itself must not close it: calls into user code need {@link #hold}.
     */
    <R> R borrow(NativeCall<R> call) {
        return isConfined()
                ? call.apply(MemorySegment.ofAddress(ownHandle()), Scratch.get().out())
                : hold(call);
    }

    /** Runs {@code call} on a new reference, so that it may close this tensor. */
    <R> R hold(NativeCall<R> call) {
        long reference = newReference();
        try {
            return call.apply(MemorySegment.ofAddress(reference), Scratch.get().out());
        } finally {
            NativeCalls.deleteTensor(reference);
        }
    }

    /**
     * The result of {@link #max}.
     *
     * @param values the maxima, in the dtype of the input
     * @param indices their indices, INT64
     */
    public record MaxResult(Tensor values, Tensor indices) {}

    /** {@code float32[2, 3] cpu}, or {@code closed tensor}. */
    @Override
    public String toString() {
        if (isClosed()) {
            return "closed tensor";
        }
        try {
            return dtype().name().toLowerCase(Locale.ROOT)
                    + Arrays.toString(knownShape())
                    + " "
                    + device();
        } catch (WrongThreadException e) {
            return "tensor of another thread";
        }
    }
}
