package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

/**
 * A call into LibTorch that failed; the message says what was called with what, and LibTorch's own
 * reason.
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
