package dev.mtl.core.internal;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file could not be read or written, for messages that have named the file. */
public final class Reasons {
    private Reasons() {}

    /**
     * The reason, in the operating system's words: exceptions of the file system often have no
     * message, or the path alone.
     */
    public static String of(IOException e) {
        if (e instanceof ClosedByInterruptException) {
            return "the thread was interrupted";
        }
        if (e instanceof FileSystemException failure) {
            return reason(failure);
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String reason(FileSystemException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file or directory";
            case AccessDeniedException denied -> "permission denied";
            case NotDirectoryException file -> "not a directory";
            case DirectoryNotEmptyException full -> "directory not empty";
            case FileAlreadyExistsException existing -> "file exists";
            default ->
                    e.getReason() == null
                            ? e.getClass().getSimpleName() + ": " + e.getMessage()
                            : e.getReason();
        };
    }
}
