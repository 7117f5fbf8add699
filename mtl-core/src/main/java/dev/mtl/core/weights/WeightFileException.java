package dev.mtl.core.weights;

import dev.mtl.core.MtlException;

import java.nio.file.Path;

/**
 * A weight file is damaged or has unsupported content; the message names the file and the reason.
 */
public final class WeightFileException extends MtlException {
    private static final long serialVersionUID = 1L;

    /** The message is {@code file: reason}. */
    public WeightFileException(Path file, String reason) {
        super(file + ": " + reason);
    }

    /** The message is {@code file: reason}; {@code cause} is kept. */
    public WeightFileException(Path file, String reason, Throwable cause) {
        super(file + ": " + reason, cause);
    }
}
