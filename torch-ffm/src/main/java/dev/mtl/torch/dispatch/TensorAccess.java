package dev.mtl.torch.dispatch;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Native handles and results of tensors for the internal packages above the tensor type, kernels
 * and optimizers, which its users must not have. The tensor type publishes its access when it is
 * initialized, as the JDK does with {@code SharedSecrets}.
 *
 * @param <T> the type of tensors
 */
public abstract class TensorAccess<T> extends OperatorCalls<T> {
    private static final AtomicReference<@Nullable TensorAccess<?>> PUBLISHED =
            new AtomicReference<>();

    /** To be called once, by the static initializer of the tensor type. */
    public static void publish(TensorAccess<?> access) {
        if (!PUBLISHED.compareAndSet(null, access)) {
            throw new IllegalStateException("the tensor access is published already");
        }
    }

    /** The access that {@code tensors} has published. */
    @SuppressWarnings("unchecked") // one tensor type exists, and published it
    public static <T> TensorAccess<T> of(Class<T> tensors) {
        try {
            MethodHandles.lookup().ensureInitialized(tensors);
        } catch (IllegalAccessException e) {
            throw new AssertionError(tensors + " is public", e);
        }
        return (TensorAccess<T>) Objects.requireNonNull(PUBLISHED.get());
    }

    /** {@link #adopt} for a FLOAT32 tensor on the CPU whose shape is known. */
    public abstract T adoptFloats(long handle, long... shape);

    /**
     * The handle of a tensor, valid until {@code handles} is closed, whoever closes the tensor
     * meanwhile.
     */
    public abstract MemorySegment handle(T tensor, BorrowedHandles handles);

    /** Runs a native call on a handle that cannot be freed meanwhile. */
    public abstract <R> R borrow(T tensor, NativeCall<R> call);

    /** Whether two tensors have the same shape, dtype and device. */
    public abstract boolean isAlike(T tensor, T other);

    /** Whether the elements lie in memory without gaps, in row-major order. */
    public abstract boolean isDense(T tensor);
}
