package dev.mtl.core.weights;

import dev.mtl.core.MtlException;

import java.nio.file.Path;

/** A weight file is damaged or holds something that is not supported; says which file and why. */
public final class WeightFileException extends MtlException {
    private static final long serialVersionUID = 1L;

    /** The message is {@code file: reason}. */
    public WeightFileException(Path file, String reason) {
        super(file + ": " + reason);
    }

    /** The message is {@code file: reason}, with what brought it about. */
    public WeightFileException(Path file, String reason, Throwable cause) {
        super(file + ": " + reason, cause);
    }
}
