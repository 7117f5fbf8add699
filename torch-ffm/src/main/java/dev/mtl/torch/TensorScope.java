package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Owns tensors. Each new tensor belongs to the innermost open scope of its thread, and closing a
 * scope frees all that it still owns:
 *
 * <pre>{@code
 * try (var scope = TensorScope.open()) {
 *     var hidden = input.linear(weight, bias).gelu();
 *     return scope.moveOut(hidden.mean(1)); // lives on in the enclosing scope; the rest is freed here
 * }
 * }</pre>
 *
 * <p>A scope and its tensors belong to the thread that opened it; another thread gets a {@link
 * WrongThreadException}. A {@linkplain #shared() shared} scope is for what many threads read, such
 * as a model's weights.
 *
 * <p>Virtual threads cannot open scopes: LibTorch keeps grad mode, thread counts and its last error
 * per carrier thread, and a virtual thread may change carriers between two calls.
 */
public final class TensorScope implements AutoCloseable {
    private static final ThreadLocal<@Nullable TensorScope> INNERMOST = new ThreadLocal<>();

    private final @Nullable Thread owner;
    private final @Nullable TensorScope enclosing;
    private final ArrayList<Tensor> tensors = new ArrayList<>();
    private boolean closed;

    private TensorScope(@Nullable Thread owner, @Nullable TensorScope enclosing) {
        this.owner = owner;
        this.enclosing = enclosing;
    }

    /** Opens a scope on this thread, inside of the one that is open now. */
    public static TensorScope open() {
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
     * Opens a scope on no thread: new tensors do not land in it, only those moved into it, and
     * every thread may use them.
     */
    public static TensorScope shared() {
        return new TensorScope(null, null);
    }

    /** The scope that takes what {@code operation} makes. */
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
     * @throws IllegalStateException if this is the outermost scope: move it into another by {@link
     *     #take}
     */
    public Tensor moveOut(Tensor tensor) {
        if (enclosing == null) {
            throw new IllegalStateException(
                    "there is no enclosing scope to move " + tensor + " to");
        }
        return enclosing.take(tensor);
    }

    /**
     * Moves a tensor from whichever scope owns it into this one.
     *
     * @return the same tensor
     */
    public Tensor take(Tensor tensor) {
        tensor.checkUsable();
        tensor.scope().checkThread();
        checkOpen();
        tensor.scope().remove(tensor);
        add(tensor);
        return tensor;
    }

    /** How many tensors this scope owns now. */
    public int size() {
        synchronized (tensors) {
            return tensors.size();
        }
    }

    void add(Tensor tensor) {
        synchronized (tensors) {
            tensor.belongTo(this, tensors.size());
            tensors.add(tensor);
        }
    }

    /** Takes a tensor off the list, by putting the last one in its place. */
    void remove(Tensor tensor) {
        synchronized (tensors) {
            int index = tensor.indexInScope();
            var last = tensors.removeLast();
            if (last != tensor) {
                tensors.set(index, last);
                last.belongTo(this, index);
            }
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
                            + "; what threads share belongs into TensorScope.shared()");
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
     * @throws IllegalStateException if a scope inside of it is still open
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
                        "a scope inside of this one is still open; close scopes in the reverse"
                                + " order of opening (try-with-resources does)");
            }
            if (enclosing == null) {
                INNERMOST.remove();
            } else {
                INNERMOST.set(enclosing);
            }
        }
        closed = true;
        List<Tensor> owned;
        synchronized (tensors) {
            owned = List.copyOf(tensors);
            tensors.clear();
        }
        owned.forEach(Tensor::free);
    }
}
