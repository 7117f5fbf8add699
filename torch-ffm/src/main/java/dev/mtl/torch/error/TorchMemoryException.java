package dev.mtl.torch.error;

/** LibTorch could not allocate memory for a tensor on its device. */
public final class TorchMemoryException extends TorchException {
    private static final long serialVersionUID = 1L;

    public TorchMemoryException(String message) {
        super(message);
    }
}
