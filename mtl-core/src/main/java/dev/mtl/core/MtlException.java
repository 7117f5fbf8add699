package dev.mtl.core;

/**
 * The work failed, and the message tells a user what, where and what to do about it. The command
 * line prints the message alone and exits with 1.
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
