package dev.mtl.core.head;

import dev.mtl.core.ConfigurationException;

import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

/** The head types that were found. */
public final class HeadRegistry {
    private final Map<String, Found> byType;

    /**
     * A head type.
     *
     * @param provider what makes its heads
     * @param origin the jar or directory that it came from
     */
    public record Found(HeadProvider<?> provider, String origin) {
        public String type() {
            return provider.type();
        }
    }

    private HeadRegistry(Map<String, Found> byType) {
        this.byType = byType;
    }

    /** Every provider that {@link ServiceLoader} finds with this class's own loader. */
    public static HeadRegistry load() {
        return load(List.of(classLoader()));
    }

    private static ClassLoader classLoader() {
        return java.util.Objects.requireNonNull(HeadRegistry.class.getClassLoader());
    }

    /**
     * Every provider that {@link ServiceLoader} finds with some class loaders.
     *
     * @throws ConfigurationException if a provider cannot be made, or two have the same type name;
     *     it names class and jar
     */
    public static HeadRegistry load(List<ClassLoader> loaders) {
        var found = new LinkedHashMap<String, Found>();
        for (var loader : loaders) {
            for (var head : load(loader)) {
                var other = found.get(head.type());
                if (other != null && other.provider().getClass() != head.provider().getClass()) {
                    throw new ConfigurationException(
                            "two heads are named '"
                                    + head.type()
                                    + "': "
                                    + describe(other)
                                    + " and "
                                    + describe(head));
                }
                found.put(head.type(), head);
            }
        }
        return new HeadRegistry(found);
    }

    private static List<Found> load(ClassLoader loader) {
        var found = new ArrayList<Found>();
        var providers = ServiceLoader.load(HeadProvider.class, loader).stream().iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return found;
                }
                var provider = providers.next();
                found.add(new Found(provider.get(), origin(provider.type())));
            } catch (ServiceConfigurationError e) {
                throw new ConfigurationException("a head cannot be loaded: " + e.getMessage(), e);
            }
        }
    }

    private static String origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        return location == null ? "unknown" : location.getPath();
    }

    private static String describe(Found head) {
        return head.provider().getClass().getName() + " from " + head.origin();
    }

    /** All type names. */
    public Set<String> types() {
        return java.util.Collections.unmodifiableSet(byType.keySet());
    }

    /** All that was found. */
    public List<Found> all() {
        return List.copyOf(byType.values());
    }

    /**
     * The provider of a type.
     *
     * @throws ConfigurationException if there is none
     */
    public HeadProvider<?> provider(String type) {
        var found = byType.get(type);
        if (found == null) {
            throw new ConfigurationException(
                    "no head '"
                            + type
                            + "'; known: "
                            + String.join(", ", byType.keySet())
                            + "; a plugin is named by --plugins JAR_OR_DIR");
        }
        return found.provider();
    }
}
