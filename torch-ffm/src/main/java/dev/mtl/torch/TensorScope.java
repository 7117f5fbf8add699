package dev.mtl.torch;

import dev.mtl.torch.loading.LargeStack;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Owns tensors. Each new tensor belongs to the innermost open scope of its thread; closing a scope
 * frees all tensors that it still owns:
 *
 * <pre>{@code
 * try (var scope = TensorScope.open()) {
 *     var hidden = input.linear(weight, bias).gelu();
 *     return scope.moveOut(hidden.mean(1)); // stays in the enclosing scope; all others are freed
 * }
 * }</pre>
 *
 * <p>A scope and its tensors are confined to the thread that opened it; other threads get a {@link
 * WrongThreadException}. A {@linkplain #shared() shared} scope is for tensors that many threads
 * read, such as the weights of a model.
 *
 * <p>Virtual threads cannot open scopes: LibTorch keeps grad mode, thread counts and its last error
 * per carrier thread, and a virtual thread may change carriers between two calls.
 */
public final class TensorScope implements AutoCloseable {
    /** The index of a tensor that no scope owns. */
    static final int NOWHERE = -1;

    private static final ThreadLocal<@Nullable TensorScope> INNERMOST = new ThreadLocal<>();

    private static final LargeStack STARTUP = new LargeStack(new Startup());

    private final @Nullable Thread owner;
    private final @Nullable TensorScope enclosing;
    private final ArrayList<Tensor> tensors = new ArrayList<>();
    private boolean closed;

    private TensorScope(@Nullable Thread owner, @Nullable TensorScope enclosing) {
        this.owner = owner;
        this.enclosing = enclosing;
    }

    /** Opens a scope on this thread, nested in the one that is open now. */
    public static TensorScope open() {
        STARTUP.runOnce();
        return openStarted();
    }

    /** {@link #open} for {@link Startup} itself. */
    static TensorScope openStarted() {
        var thread = Thread.currentThread();
        if (thread.isVirtual()) {
            throw new IllegalStateException(
                    "tensor scopes need a platform thread; "
                            + thread
                            + " is virtual: run tensor code on an executor of platform threads");
        }
        var scope = new TensorScope(thread, INNERMOST.get());
        INNERMOST.set(scope);
        return scope;
    }

    /**
     * Opens a scope that is not confined to a thread: every thread may use its tensors. It never
     * owns new tensors, only those moved into it by {@link #take}.
     */
    public static TensorScope shared() {
        return new TensorScope(null, null);
    }

    /** The scope that will own the results of {@code operation}. */
    static TensorScope current(String operation) {
        var scope = INNERMOST.get();
        if (scope == null) {
            throw new IllegalStateException(
                    operation
                            + ": no TensorScope is open on "
                            + Thread.currentThread().getName()
                            + "; open one with try (var scope = TensorScope.open())");
        }
        return scope;
    }

    /**
     * Moves a tensor of this scope to the enclosing one.
     *
     * @return the same tensor
     * @throws IllegalStateException if this is the outermost scope; use {@link #take} of another
     */
    public Tensor moveOut(Tensor tensor) {
        if (enclosing == null) {
            throw new IllegalStateException(
                    "there is no enclosing scope to move " + tensor + " to");
        }
        return enclosing.take(tensor);
    }

    /**
     * Moves a tensor from the scope that owns it to this one.
     *
     * @return the same tensor
     * @throws IllegalStateException if the tensor or this scope is closed
     */
    public Tensor take(Tensor tensor) {
        tensor.checkUsable();
        checkOpen();
        if (!tensor.scope().remove(tensor)) {
            throw new IllegalStateException("another thread has closed this tensor or moved it");
        }
        try {
            add(tensor);
        } catch (IllegalStateException e) {
            tensor.free(); // nobody owns it
            throw e;
        }
        return tensor;
    }

    /** The number of tensors that this scope owns now. */
    public int size() {
        synchronized (tensors) {
            return tensors.size();
        }
    }

    void add(Tensor tensor) {
        synchronized (tensors) {
            if (closed) {
                throw new IllegalStateException("this tensor scope is closed");
            }
            tensor.belongTo(this, tensors.size());
            tensors.add(tensor);
        }
    }

    /**
     * Removes a tensor in constant time: the last one takes its place.
     *
     * @return false if this scope does not own it, such as when another thread has just closed it;
     *     of several threads that remove the same tensor, one gets true and may free it
     */
    boolean remove(Tensor tensor) {
        synchronized (tensors) {
            int index = tensor.indexInScope();
            if (tensor.scope() != this || index == NOWHERE) {
                return false;
            }
            var last = tensors.removeLast();
            if (last != tensor) {
                tensors.set(index, last);
                last.belongTo(this, index);
            }
            tensor.belongTo(this, NOWHERE);
            return true;
        }
    }

    boolean isShared() {
        return owner == null;
    }

    void checkThread() {
        if (owner != null && owner != Thread.currentThread()) {
            throw new WrongThreadException(
                    "this tensor scope belongs to "
                            + owner.getName()
                            + ", not to "
                            + Thread.currentThread().getName()
                            + "; use TensorScope.shared() for tensors that several threads need");
        }
    }

    private void checkOpen() {
        checkThread();
        if (closed) {
            throw new IllegalStateException("this tensor scope is closed");
        }
    }

    /**
     * Frees every tensor that the scope still owns. Closing twice does nothing.
     *
     * @throws IllegalStateException if a nested scope is still open
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        checkThread();
        if (owner != null) {
            if (INNERMOST.get() != this) {
                throw new IllegalStateException(
                        "a nested scope is still open; close scopes in reverse order, as"
                                + " try-with-resources does");
            }
            if (enclosing == null) {
                INNERMOST.remove();
            } else {
                INNERMOST.set(enclosing);
            }
        }
        List<Tensor> owned;
        synchronized (tensors) {
            closed = true;
            owned = List.copyOf(tensors);
            owned.forEach(tensor -> tensor.belongTo(this, NOWHERE));
            tensors.clear();
        }
        owned.forEach(Tensor::free);
    }
}
