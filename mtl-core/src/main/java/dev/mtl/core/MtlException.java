package dev.mtl.core;

/**
 * The work failed. The message tells a user what went wrong, where, and what to do about it. The
 * command line prints only the message and exits with 1.
 */
public class MtlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MtlException(String message) {
        super(message);
    }

    public MtlException(String message, Throwable cause) {
        super(message, cause);
    }
}
