package dev.mtl.torch;

import dev.mtl.torch.dispatch.BorrowedHandles;
import dev.mtl.torch.dispatch.NativeCall;
import dev.mtl.torch.dispatch.Schema.Kind;
import dev.mtl.torch.dispatch.TensorAccess;

import java.lang.foreign.MemorySegment;

/** Operator calls on tensors, dtypes and devices of this package. */
final class Dispatcher extends TensorAccess<Tensor> {
    static final Dispatcher DISPATCHER = new Dispatcher();

    private Dispatcher() {}

    @Override
    protected boolean isInstance(Kind kind, Object value) {
        return switch (kind) {
            case TENSOR -> value instanceof Tensor;
            case DTYPE -> value instanceof DType;
            case DEVICE -> value instanceof Device;
            default -> false;
        };
    }

    @Override
    protected void checkUsable(Object tensor) {
        ((Tensor) tensor).checkUsable();
    }

    @Override
    protected long newReference(Object tensor) {
        return ((Tensor) tensor).newReference();
    }

    @Override
    protected long code(Kind kind, Object value) {
        return value instanceof Device device
                ? (long) device.type().code() << 32 | device.index()
                : ((DType) value).code();
    }

    @Override
    public void requireScope(String operation) {
        TensorScope.current(operation);
    }

    @Override
    public Tensor adopt(long handle) {
        return Tensor.adopt(handle, TensorScope.current("adopt"));
    }

    @Override
    public Tensor adoptFloats(long handle, long... shape) {
        return Tensor.adoptFloats(handle, TensorScope.current("adopt"), shape);
    }

    @Override
    public MemorySegment handle(Tensor tensor, BorrowedHandles handles) {
        // Only this thread can close a confined tensor, so that it needs no second reference.
        return tensor.isConfined()
                ? MemorySegment.ofAddress(tensor.ownHandle())
                : handles.take(tensor.newReference());
    }

    @Override
    public <R> R borrow(Tensor tensor, NativeCall<R> call) {
        return tensor.borrow(call);
    }

    @Override
    public boolean isAlike(Tensor tensor, Tensor other) {
        return tensor.isAlike(other);
    }

    @Override
    public boolean isDense(Tensor tensor) {
        return tensor.isDense();
    }
}
