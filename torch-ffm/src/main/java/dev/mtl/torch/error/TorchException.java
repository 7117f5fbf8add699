package dev.mtl.torch.error;

import org.jspecify.annotations.Nullable;

/**
 * A call into LibTorch failed. The message names the function or operator, its arguments (dtype,
 * shape and device of each tensor) and LibTorch's own reason.
 */
public class TorchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TorchException(String message) {
        super(message);
    }

    public TorchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
