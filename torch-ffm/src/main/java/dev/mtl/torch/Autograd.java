package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Reverse-mode differentiation: which tensors are leaves, the backward pass, and the gradients that
 * it leaves.
 */
public final class Autograd {
    private Autograd() {}

    /** Makes a tensor a leaf whose gradient {@link #backward} computes, or stops that. */
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
     * @param loss one element
     */
    public static void backward(Tensor loss) {
        Aten.BACKWARD.run(loss, List.of());
    }

    /**
     * {@link #backward} for some leaves only.
     *
     * @param retainGraph whether another backward pass through the same graph follows
     */
    public static void backward(Tensor loss, List<Tensor> leaves, boolean retainGraph) {
        Aten.BACKWARD.run(loss, leaves, null, retainGraph);
    }

    /**
     * The gradient of a leaf, sharing memory with what {@link #backward} adds to; empty before the
     * first backward pass.
     */
    public static Optional<Tensor> grad(Tensor leaf) {
        var scope = TensorScope.current("grad");
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
                    return Optional.of(Tensor.adopt(out.get(ValueLayout.JAVA_LONG, 0), scope));
                });
    }

    /**
     * The gradient of a leaf, taken from it: the leaf has none afterwards, and the next backward
     * pass begins anew.
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

    /** The handle inside of the leaf's TensorImpl that holds its gradient. */
    private static MemorySegment slot(MemorySegment handle) {
        var impl = handle.reinterpret(ValueLayout.ADDRESS.byteSize()).get(ValueLayout.ADDRESS, 0);
        return LibTorchAbi._ZN3c1010TensorImpl12mutable_gradEv(impl);
    }

    /** Stops recording graphs on this thread until closed, then goes on as before. */
    public static GradMode noGrad() {
        LibTorch.get();
        return new GradMode(false);
    }

    /** Whether this thread records graphs. */
    public static boolean isRecording() {
        LibTorch.get();
        return LibTorchAbi.aoti_torch_grad_mode_is_enabled();
    }

    /** A grad mode that ends with the block it was opened for. */
    public static final class GradMode implements AutoCloseable {
        private final boolean before;
        private final Thread thread;

        private GradMode(boolean enabled) {
            thread = Thread.currentThread();
            if (thread.isVirtual()) {
                throw new IllegalStateException(
                        "grad mode belongs to a platform thread; " + thread + " is virtual");
            }
            before = LibTorchAbi.aoti_torch_grad_mode_is_enabled();
            LibTorchAbi.aoti_torch_grad_mode_set_enabled(enabled);
        }

        @Override
        public void close() {
            if (thread != Thread.currentThread()) {
                throw new WrongThreadException("this grad mode belongs to " + thread.getName());
            }
            LibTorchAbi.aoti_torch_grad_mode_set_enabled(before);
        }
    }
}
