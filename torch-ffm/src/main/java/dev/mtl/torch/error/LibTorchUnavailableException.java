package dev.mtl.torch.error;

import org.jspecify.annotations.Nullable;

/**
 * No usable LibTorch was found. The message says what is missing, where it was looked for, and how
 * to fix it.
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
