package dev.mtl.train.format;

import dev.mtl.core.MtlException;

/** A row that cannot be read or used; the message names file and line. */
public final class BadRowException extends MtlException {
    private static final long serialVersionUID = 1L;

    public BadRowException(String message) {
        super(message);
    }
}
