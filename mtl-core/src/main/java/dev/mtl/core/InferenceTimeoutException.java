package dev.mtl.core;

/** A call was not answered within its timeout. Nothing of it is left in the queue. */
public class InferenceTimeoutException extends MtlException {
    private static final long serialVersionUID = 1L;

    public InferenceTimeoutException(String message) {
        super(message);
    }
}
