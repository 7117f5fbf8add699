package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.loading.LibTorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Reverse-mode differentiation: leaves, the backward pass, gradients, and whether graphs are
 * recorded.
 */
public final class Autograd {
    private Autograd() {}

    /**
     * Sets whether {@link #backward} computes a gradient for a tensor.
     *
     * @return {@code leaf}
     */
    public static Tensor requireGrad(Tensor leaf, boolean required) {
        leaf.borrow(
                (self, out) -> {
                    NativeCalls.check(
                            LibTorchAbi.torch_set_requires_grad(self, required),
                            "requires_grad_(" + leaf + ")");
                    return self;
                });
        return leaf;
    }

    /**
     * Adds the gradients of {@code loss} to those of every leaf that it was computed from, and
     * frees the graph.
     *
     * @param loss a tensor of one element
     */
    public static void backward(Tensor loss) {
        DISPATCHER.run(Aten.BACKWARD, loss, List.of());
    }

    /**
     * Adds the gradients of {@code loss} to those of some leaves only.
     *
     * @param retainGraph keeps the graph for another backward pass
     */
    public static void backward(Tensor loss, List<Tensor> leaves, boolean retainGraph) {
        DISPATCHER.run(Aten.BACKWARD, loss, leaves, null, retainGraph);
    }

    /**
     * The gradient of a leaf, whose memory {@link #backward} adds to; empty before the first
     * backward pass. The tensor belongs to the innermost open scope.
     */
    public static Optional<Tensor> grad(Tensor leaf) {
        DISPATCHER.requireScope("grad");
        return leaf.borrow(
                (self, out) -> {
                    var grad = slot(self);
                    NativeCalls.check(
                            LibTorchAbi.aoti_torch_is_defined(grad, out), "aoti_torch_is_defined");
                    if (out.get(ValueLayout.JAVA_BYTE, 0) == 0) {
                        return Optional.empty();
                    }
                    NativeCalls.check(
                            LibTorchAbi.aoti_torch_new_tensor_handle(grad, out),
                            "aoti_torch_new_tensor_handle");
                    return Optional.of(DISPATCHER.adopt(out.get(ValueLayout.JAVA_LONG, 0)));
                });
    }

    /**
     * Removes the gradient of a leaf and returns it; the next backward pass starts from zero. The
     * tensor belongs to the innermost open scope.
     */
    public static Optional<Tensor> takeGrad(Tensor leaf) {
        var grad = grad(leaf);
        if (grad.isPresent()) {
            leaf.borrow(
                    (self, out) -> {
                        NativeCalls.check(
                                LibTorchAbi.aoti_torch_new_uninitialized_tensor(out),
                                "aoti_torch_new_uninitialized_tensor");
                        var undefined = out.get(ValueLayout.ADDRESS, 0);
                        NativeCalls.check(
                                LibTorchAbi.aoti_torch_assign_tensors(undefined, slot(self)),
                                "aoti_torch_assign_tensors");
                        NativeCalls.deleteTensor(undefined.address());
                        return self;
                    });
        }
        return grad;
    }

    /** The handle inside the leaf's TensorImpl that holds its gradient. */
    private static MemorySegment slot(MemorySegment handle) {
        var impl = handle.reinterpret(ValueLayout.ADDRESS.byteSize()).get(ValueLayout.ADDRESS, 0);
        return LibTorchAbi._ZN3c1010TensorImpl12mutable_gradEv(impl);
    }

    /** Disables graph recording on this thread until closed, which restores the previous mode. */
    public static GradMode noGrad() {
        LibTorch.get();
        return new GradMode(false);
    }

    /** Whether this thread records graphs. */
    public static boolean isRecording() {
        LibTorch.get();
        return LibTorchAbi.aoti_torch_grad_mode_is_enabled();
    }

    /**
     * A grad mode that {@link #close} ends, on the thread that opened it. Closing twice does
     * nothing.
     */
    public static final class GradMode implements AutoCloseable {
        private final boolean before;
        private final Thread thread;
        private boolean closed;

        private GradMode(boolean enabled) {
            thread = Thread.currentThread();
            if (thread.isVirtual()) {
                throw new IllegalStateException(
                        "grad mode needs a platform thread; " + thread + " is virtual");
            }
            before = LibTorchAbi.aoti_torch_grad_mode_is_enabled();
            LibTorchAbi.aoti_torch_grad_mode_set_enabled(enabled);
        }

        @Override
        public void close() {
            if (thread != Thread.currentThread()) {
                throw new WrongThreadException("this grad mode belongs to " + thread.getName());
            }
            if (!closed) {
                closed = true;
                LibTorchAbi.aoti_torch_grad_mode_set_enabled(before);
            }
        }
    }
}
