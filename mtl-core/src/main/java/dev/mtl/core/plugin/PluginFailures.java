package dev.mtl.core.plugin;

import dev.mtl.core.head.HeadProvider;

import org.jspecify.annotations.Nullable;

/** What a user is told of a plugin whose classes do not fit to those of MTL. */
public final class PluginFailures {
    private PluginFailures() {}

    /**
     * Explains an error that came while a program ran.
     *
     * @return plugin, class and what is wrong; null if no plugin has to do with it
     */
    public static @Nullable String explain(LinkageError e) {
        for (var frame : e.getStackTrace()) {
            var loader = frame.getClassLoaderName();
            if (loader != null && loader.startsWith(Plugin.LOADER)) {
                return loader + ": " + frame.getClassName() + ": " + describe(e);
            }
        }
        // Thrown where MTL calls what a head lacks: the message names the head's class.
        return e instanceof AbstractMethodError ? "a head " + describe(e) : null;
    }

    /** What is wrong, for a message that names plugin and class before it. */
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
                    + ") and what they bring themselves";
        }
        return "was built against another version of MTL than this one" + version() + ": " + e;
    }

    private static String version() {
        var version = HeadProvider.class.getPackage().getImplementationVersion();
        return version == null ? "" : " (" + version + ")";
    }
}
