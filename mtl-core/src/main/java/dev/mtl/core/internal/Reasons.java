package dev.mtl.core.internal;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;

/** Why a file could not be read or written, for messages that have named the file. */
public final class Reasons {
    private Reasons() {}

    /** The reason: exceptions of the file system often have no message, or the path alone. */
    public static String of(IOException e) {
        if (e instanceof ClosedByInterruptException) {
            return "the thread was interrupted";
        }
        if (e instanceof FileSystemException failure && failure.getReason() == null) {
            return failure.getClass().getSimpleName() + ": " + failure.getMessage();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
