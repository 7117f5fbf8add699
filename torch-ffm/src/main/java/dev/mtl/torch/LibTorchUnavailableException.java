package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

/**
 * There is no LibTorch that can be used; the message says what is missing, where, and what to do.
 */
public final class LibTorchUnavailableException extends TorchException {
    private static final long serialVersionUID = 1L;

    public LibTorchUnavailableException(String message) {
        super(message);
    }

    public LibTorchUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
