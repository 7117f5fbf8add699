package dev.mtl.natives;

/**
 * LibTorch's files are not available; the message says what is missing, where it was looked for and
 * what to do.
 */
public final class NativeLibraryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NativeLibraryException(String message) {
        super(message);
    }

    public NativeLibraryException(String message, Throwable cause) {
        super(message, cause);
    }
}
