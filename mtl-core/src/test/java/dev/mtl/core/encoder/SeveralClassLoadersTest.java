package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.store.ModelStore;
import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.function.Function;

/** An application that is deployed again loads MTL in a new class loader of the same process. */
class SeveralClassLoadersTest {
    @TempDir Path temp;

    /** Embeds a text, in the class loader of this class. */
    public static final class Embed implements Function<String, float[]> {
        @Override
        public float[] apply(String model) {
            var directory = ModelStore.standard().resolve(model);
            try (var encoder = SentenceEncoder.load(directory, EncoderOptions.defaults())) {
                return encoder.encode("book a table");
            }
        }
    }

    @Test
    void eachEmbedsWithItsOwnTokenizersAndTheSameLibTorch() throws Exception {
        var model = TinyModel.write(temp.resolve("model"), 1, 0.1).path().toString();
        var expected = new Embed().apply(model);

        for (int i = 0; i < 2; i++) {
            try (var loader = copyOfThisClassPath()) {
                var embed = embedIn(loader);
                assertThat(embed.apply(model)).containsExactly(expected);
                assertThat(embed.apply(model)).containsExactly(expected);
            }
        }
        assertThat(new Embed().apply(model)).containsExactly(expected);
    }

    @Test
    void findsNativeFilesWhereTheThreadsClassLoaderSeesNone() throws Exception {
        var model = TinyModel.write(temp.resolve("model"), 1, 0.1).path().toString();
        var thread = Thread.currentThread();
        var before = thread.getContextClassLoader();
        try (var loader = copyOfThisClassPath()) {
            thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());

            assertThat(embedIn(loader).apply(model)).hasSize(32);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @SuppressWarnings("unchecked") // the interface is the JDK's
    private static Function<String, float[]> embedIn(ClassLoader loader) throws Exception {
        var type = loader.loadClass(Embed.class.getName());
        assertThat(type).isNotEqualTo(Embed.class);
        return (Function<String, float[]>) type.getConstructor().newInstance();
    }

    private static URLClassLoader copyOfThisClassPath() throws Exception {
        var path = System.getProperty("java.class.path").split(File.pathSeparator);
        var urls = new URL[path.length];
        for (int i = 0; i < path.length; i++) {
            urls[i] = Path.of(path[i]).toUri().toURL();
        }
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }
}
