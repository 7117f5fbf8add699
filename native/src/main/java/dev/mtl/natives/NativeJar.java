package dev.mtl.natives;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.jar.JarFile;

/**
 * A jar that a class loader found a file in: a file of its own, a jar that others were merged into,
 * or a jar within a jar, as Spring Boot's executable jars have them. It is read through the address
 * of that file, so that the class loader's own URL handler opens it.
 */
final class NativeJar {
    private static final String SEPARATOR = "!/";

    private final URL file;

    private NativeJar(URL file) {
        this.file = file;
    }

    /**
     * The jar that a file is in.
     *
     * @param file an address that a class loader gave, {@code jar:...!/path}
     * @throws NativeLibraryException if the file is not in a jar
     */
    static NativeJar of(URL file) {
        try {
            if (file.openConnection() instanceof JarURLConnection) {
                return new NativeJar(file);
            }
        } catch (IOException e) {
            throw new NativeLibraryException(file + " cannot be read: " + e.getMessage(), e);
        }
        throw new NativeLibraryException(
                file
                        + " is not in a jar; put the jars of org.bytedeco:pytorch and"
                        + " org.bytedeco:openblas on the class path, alone or merged or nested into"
                        + " an executable jar, or point "
                        + LibTorchHome.VARIABLE
                        + " at a LibTorch");
    }

    /** Opens the jar, to be closed by the caller. */
    JarFile open() throws IOException {
        var connection = file.openConnection();
        connection.setUseCaches(false); // a shared one must not be closed
        return ((JarURLConnection) connection).getJarFile();
    }

    /** The address of the jar, without that of the file in it. */
    @Override
    public String toString() {
        var text = file.toString();
        var end = text.lastIndexOf(SEPARATOR);
        var jar = end < 0 ? text : text.substring(0, end);
        return jar.replaceFirst("^jar:(file:)?", "");
    }
}
