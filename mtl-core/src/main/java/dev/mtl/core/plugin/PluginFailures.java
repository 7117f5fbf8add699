package dev.mtl.core.plugin;

import dev.mtl.core.head.HeadProvider;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/** Messages for users about errors in a plugin's code. */
public final class PluginFailures {
    private PluginFailures() {}

    /**
     * Explains an error at run time.
     *
     * @return plugin, class and what is wrong; empty if no plugin is involved
     */
    public static Optional<String> explain(Throwable error) {
        for (var e = error; e != null; e = e.getCause()) {
            for (var frame : e.getStackTrace()) {
                if (isPlugin(frame.getClassLoaderName())) {
                    var thrown = e instanceof LinkageError link ? describe(link) : "throws " + e;
                    return Optional.of(
                            frame.getClassLoaderName()
                                    + ": "
                                    + frame.getClassName()
                                    + ": "
                                    + thrown);
                }
            }
        }
        // Thrown where MTL calls a method that a plugin's class lacks: the message names the class.
        return error instanceof AbstractMethodError missing
                ? Optional.of("a class of a plugin " + describe(missing))
                : Optional.empty();
    }

    /** A class as messages name it: preceded by its plugin, unless it is one of MTL's. */
    public static String name(Class<?> type) {
        var loader = type.getClassLoader();
        var name = loader == null ? null : loader.getName();
        return (isPlugin(name) ? name + ": " : "") + type.getName();
    }

    private static boolean isPlugin(@Nullable String loader) {
        return loader != null && loader.startsWith(Plugin.LOADER);
    }

    /** What is wrong; the message names plugin and class before it. */
    static String describe(LinkageError e) {
        if (e instanceof ExceptionInInitializerError) {
            return "its static initializer throws " + e.getCause();
        }
        if (e instanceof UnsupportedClassVersionError) {
            return "was built for a newer Java, and against another version of MTL than this one"
                    + version()
                    + "; build it with JDK "
                    + Runtime.version().feature()
                    + ": "
                    + e.getMessage();
        }
        if (e instanceof NoClassDefFoundError
                && e.getCause() instanceof ClassNotFoundException missing
                && missing.getMessage() != null
                && !PublicApi.isShown(missing.getMessage())) {
            return "uses the class "
                    + missing.getMessage()
                    + (PublicApi.isHidden(missing.getMessage())
                            ? ", which plugins do not see"
                            : ", which is not in the plugin")
                    + "; they see only MTL's public API ("
                    + String.join(", ", HeadPlugins.PUBLIC_API)
                    + ") and the libraries that they contain";
        }
        return "was built against another version of MTL than this one" + version() + ": " + e;
    }

    private static String version() {
        var version = HeadProvider.class.getPackage().getImplementationVersion();
        return version == null ? "" : " (" + version + ")";
    }
}
