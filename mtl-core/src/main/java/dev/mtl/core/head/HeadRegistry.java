package dev.mtl.core.head;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.data.FormatProvider;
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

/** The head types that were found, and the data formats beside those that MTL has itself. */
public final class HeadRegistry {
    private final Map<String, Found> byType;
    private final Map<String, FoundFormat> formats;

    /**
     * A head type.
     *
     * @param type its name
     * @param provider what makes its heads
     * @param origin the jar or directory that it came from
     */
    public record Found(String type, HeadProvider<?> provider, String origin) {}

    /**
     * A data format.
     *
     * @param name of the format
     * @param provider what reads its files
     * @param origin the jar or directory that it came from
     */
    public record FoundFormat(String name, FormatProvider<?> provider, String origin) {}

    /** What a plug-in has. */
    public record Extensions(List<Found> heads, List<FoundFormat> formats) {
        public Extensions {
            heads = List.copyOf(heads);
            formats = List.copyOf(formats);
        }
    }

    private HeadRegistry(Map<String, Found> byType, Map<String, FoundFormat> formats) {
        this.byType = byType;
        this.formats = formats;
    }

    /**
     * Every provider of heads and of data formats that {@link ServiceLoader} finds with this
     * class's own loader.
     *
     * @throws ConfigurationException if a provider cannot be made, or two have the same type name
     */
    public static HeadRegistry load() {
        var loader = Objects.requireNonNull(HeadRegistry.class.getClassLoader());
        var heads = new ArrayList<Found>();
        var formats = new ArrayList<FoundFormat>();
        try {
            for (HeadProvider<?> provider : ServiceLoader.load(HeadProvider.class, loader)) {
                heads.add(new Found(provider.type(), provider, origin(provider.getClass())));
            }
            for (FormatProvider<?> provider : ServiceLoader.load(FormatProvider.class, loader)) {
                formats.add(
                        new FoundFormat(provider.name(), provider, origin(provider.getClass())));
            }
        } catch (ServiceConfigurationError e) {
            throw new ConfigurationException(
                    "a head or a data format cannot be loaded: " + e.getMessage(), e);
        }
        return new HeadRegistry(Map.of(), Map.of()).with(new Extensions(heads, formats));
    }

    /**
     * These heads and formats and more, such as those of plugins.
     *
     * @throws ConfigurationException if two have the same name; it names class and jar of both
     */
    public HeadRegistry with(Extensions more) {
        var heads = new LinkedHashMap<>(byType);
        for (var head : more.heads()) {
            var other = heads.putIfAbsent(head.type(), head);
            if (other != null) {
                throw new ConfigurationException(
                        "two heads are named '%s': %s and %s"
                                .formatted(
                                        head.type(),
                                        describe(other.provider(), other.origin()),
                                        describe(head.provider(), head.origin())));
            }
        }
        var named = new LinkedHashMap<>(formats);
        for (var format : more.formats()) {
            var other = named.putIfAbsent(format.name(), format);
            if (other != null) {
                throw new ConfigurationException(
                        "two data formats are named '%s': %s and %s"
                                .formatted(
                                        format.name(),
                                        describe(other.provider(), other.origin()),
                                        describe(format.provider(), format.origin())));
            }
        }
        return new HeadRegistry(heads, named);
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
        return new HeadRegistry(others, formats).with(new Extensions(List.of(head), List.of()));
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

    private static String describe(Object provider, String origin) {
        return provider.getClass().getName() + " from " + origin;
    }

    /** All type names. */
    public Set<String> types() {
        return Collections.unmodifiableSet(byType.keySet());
    }

    /** All that was found. */
    public List<Found> all() {
        return List.copyOf(byType.values());
    }

    /** The data formats that were found. */
    public List<FoundFormat> formats() {
        return List.copyOf(formats.values());
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
