package dev.mtl.core.plugin;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.data.FormatProvider;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A jar or a directory of classes, in a separate class loader.
 *
 * @param path as shown in messages and listings
 * @param loader named {@code plugin PATH}, so that stack traces name the plugin
 */
record Plugin(Path path, URLClassLoader loader) {
    static final String LOADER = "plugin ";

    static Plugin open(Path path) {
        if (!Files.isDirectory(path)) {
            requireJar(path);
        }
        try {
            var urls = new URL[] {path.toUri().toURL()};
            return new Plugin(path, new URLClassLoader(LOADER + path, urls, new PublicApi()));
        } catch (MalformedURLException e) {
            throw new ConfigurationException(LOADER + path + ": " + e.getMessage(), e);
        }
    }

    private static void requireJar(Path path) {
        try {
            JarVerifier.require(path);
        } catch (IOException e) {
            throw new ConfigurationException(
                    LOADER + path + ": is not a readable jar: " + e.getMessage(), e);
        }
    }

    HeadRegistry.Extensions extensions() {
        var heads = classes(HeadProvider.class);
        var formats = classes(FormatProvider.class);
        if (heads.isEmpty() && formats.isEmpty()) {
            throw new ConfigurationException(
                    "%s%s: has no head: no class is named in %s, nor a data format in %s"
                            .formatted(
                                    LOADER,
                                    path,
                                    ServiceFile.name(HeadProvider.class),
                                    ServiceFile.name(FormatProvider.class)));
        }
        return new HeadRegistry.Extensions(
                heads.stream().map(this::head).toList(),
                formats.stream().map(this::format).toList());
    }

    /** The classes that provide a service. */
    private List<String> classes(Class<?> service) {
        try {
            return ServiceFile.read(loader, service);
        } catch (IOException e) {
            throw new ConfigurationException(
                    LOADER + path + ": " + ServiceFile.name(service) + ": " + e.getMessage(), e);
        }
    }

    private HeadRegistry.Found head(String provider) {
        HeadProvider<?> made = make(HeadProvider.class, provider);
        var type = answer(provider, "type() ", made::type);
        Record defaults = answer(provider, "defaults() ", made::defaults);
        require(provider, SettingsRecord.problem(defaults));
        return new HeadRegistry.Found(type, made, path.toString());
    }

    private HeadRegistry.FoundFormat format(String provider) {
        FormatProvider<?> made = make(FormatProvider.class, provider);
        var name = answer(provider, "name() ", made::name);
        Record defaults = answer(provider, "defaults() ", made::defaults);
        require(provider, SettingsRecord.problemOfFormat(defaults));
        return new HeadRegistry.FoundFormat(name, made, path.toString());
    }

    private <T> T make(Class<T> service, String provider) {
        return answer(provider, "", () -> ProviderClass.of(service, provider, loader).make());
    }

    private void require(String provider, Optional<String> problem) {
        if (problem.isPresent()) {
            throw wrong(provider, problem.get(), null);
        }
    }

    /** Calls a plugin's code, which may throw anything. */
    private <T> T answer(String provider, String method, Supplier<? extends @Nullable T> question) {
        try {
            var answer = new Discovery().call(LOADER + path + ": " + provider, question);
            if (answer != null) {
                return answer;
            }
        } catch (ProviderClass.Unusable e) {
            throw wrong(provider, String.valueOf(e.getMessage()), e);
        } catch (MtlException e) {
            throw e;
        } catch (LinkageError e) {
            throw wrong(provider, PluginFailures.describe(e), e);
        } catch (OutOfMemoryError e) {
            throw e; // the machine's, not the plugin's
        } catch (Throwable e) { // assertions, a full stack, and what is thrown unseen by javac
            throw wrong(provider, method + "throws " + e, e);
        }
        throw wrong(provider, method + "returns null", null);
    }

    private ConfigurationException wrong(String provider, String what, @Nullable Throwable cause) {
        var message = LOADER + path + ": " + provider + ": " + what;
        return cause == null
                ? new ConfigurationException(message)
                : new ConfigurationException(message, cause);
    }
}
