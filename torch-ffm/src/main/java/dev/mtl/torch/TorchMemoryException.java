package dev.mtl.torch;

/** A tensor did not fit into the memory of its device. */
public final class TorchMemoryException extends TorchException {
    private static final long serialVersionUID = 1L;

    public TorchMemoryException(String message) {
        super(message);
    }
}
