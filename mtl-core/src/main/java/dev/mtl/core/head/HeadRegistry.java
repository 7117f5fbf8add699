package dev.mtl.core.head;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.MissingHead;

import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

/** The head types that were found. */
public final class HeadRegistry {
    private final Map<String, Found> byType;

    /**
     * A head type.
     *
     * @param type its name
     * @param provider what makes its heads
     * @param origin the jar or directory that it came from
     */
    public record Found(String type, HeadProvider<?> provider, String origin) {}

    private HeadRegistry(Map<String, Found> byType) {
        this.byType = byType;
    }

    /**
     * Every provider that {@link ServiceLoader} finds with this class's own loader.
     *
     * @throws ConfigurationException if a provider cannot be made, or two have the same type name
     */
    public static HeadRegistry load() {
        var loader = Objects.requireNonNull(HeadRegistry.class.getClassLoader());
        var found = new ArrayList<Found>();
        try {
            for (HeadProvider<?> provider : ServiceLoader.load(HeadProvider.class, loader)) {
                found.add(new Found(provider.type(), provider, origin(provider.getClass())));
            }
        } catch (ServiceConfigurationError e) {
            throw new ConfigurationException("a head cannot be loaded: " + e.getMessage(), e);
        }
        return new HeadRegistry(Map.of()).with(found);
    }

    /**
     * These heads and more, such as those of plugins.
     *
     * @throws ConfigurationException if two have the same type name; it names class and jar of both
     */
    public HeadRegistry with(List<Found> more) {
        var all = new LinkedHashMap<>(byType);
        for (var head : more) {
            var other = all.putIfAbsent(head.type(), head);
            if (other != null) {
                throw new ConfigurationException(
                        "two heads are named '"
                                + head.type()
                                + "': "
                                + describe(other)
                                + " and "
                                + describe(head));
            }
        }
        return new HeadRegistry(all);
    }

    /**
     * These heads and one whose provider is given as an object. It takes the place of one of the
     * same class, such as the one that its service file names.
     *
     * @throws ConfigurationException if another class has the same type name
     */
    public HeadRegistry with(HeadProvider<?> provider) {
        var head = new Found(provider.type(), provider, origin(provider.getClass()));
        var others = new LinkedHashMap<>(byType);
        others.computeIfPresent(
                head.type(),
                (type, other) -> other.provider().getClass() == provider.getClass() ? null : other);
        return new HeadRegistry(others).with(List.of(head));
    }

    private static String origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return "unknown";
        }
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            return source.getLocation().toString();
        }
    }

    private static String describe(Found head) {
        return head.provider().getClass().getName() + " from " + head.origin();
    }

    /** All type names. */
    public Set<String> types() {
        return Collections.unmodifiableSet(byType.keySet());
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
                            + (byType.isEmpty() ? "none" : String.join(", ", byType.keySet()))
                            + "; "
                            + MissingHead.ADVICE);
        }
        return found.provider();
    }
}
