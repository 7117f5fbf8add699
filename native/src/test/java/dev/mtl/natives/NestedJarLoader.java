package dev.mtl.natives;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A class loader that finds files in the jars of an executable jar's folder {@code lib}, under
 * addresses that only its own handler opens.
 */
final class NestedJarLoader extends ClassLoader implements AutoCloseable {
    private final Path application;
    private final List<String> jars;

    /**
     * @param application the executable jar, written here
     * @param jars the jars in it
     */
    NestedJarLoader(Path application, List<Path> jars) throws IOException {
        super(ClassLoader.getPlatformClassLoader());
        this.application = application;
        this.jars = jars.stream().map(jar -> "lib/" + jar.getFileName()).toList();
        try (var zip = new ZipOutputStream(Files.newOutputStream(application))) {
            for (int i = 0; i < jars.size(); i++) {
                zip.putNextEntry(new ZipEntry(this.jars.get(i)));
                Files.copy(jars.get(i), zip);
                zip.closeEntry();
            }
        }
    }

    @Override
    protected @Nullable URL findResource(String name) {
        for (var jar : jars) {
            try (var file = open(jar)) {
                if (file.getEntry(name) != null) {
                    var address = "jar:file:" + application + "/!" + jar + "!/" + name;
                    return URL.of(URI.create(address), new Handler(jar));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return null;
    }

    private JarFile open(String jar) throws IOException {
        try (var zip = new ZipFile(application.toFile());
                var in = zip.getInputStream(zip.getEntry(jar))) {
            return new JarFile(copy(in).toFile());
        }
    }

    private static Path copy(InputStream in) throws IOException {
        var file = Files.createTempFile("nested", ".jar");
        file.toFile().deleteOnExit();
        Files.write(file, in.readAllBytes());
        return file;
    }

    @Override
    public void close() throws IOException {
        Files.delete(application);
    }

    private final class Handler extends URLStreamHandler {
        private final String jar;

        Handler(String jar) {
            this.jar = jar;
        }

        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            return new JarURLConnection(url) {
                @Override
                public JarFile getJarFile() throws IOException {
                    return open(jar);
                }

                @Override
                public void connect() {}
            };
        }
    }
}
