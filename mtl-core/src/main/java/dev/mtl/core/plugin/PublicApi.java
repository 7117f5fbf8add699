package dev.mtl.core.plugin;

import dev.mtl.core.head.HeadProvider;

import java.util.Objects;

/**
 * The parent of every plugin's class loader. Of MTL and its libraries it exposes only the packages
 * of {@link HeadPlugins#PUBLIC_API}, so that a plugin may contain any version of a library, and so
 * that the other packages may change. It exposes only the JDK's resources, so that a plugin that
 * looks for services finds its own ones, not MTL's.
 */
final class PublicApi extends ClassLoader {
    private static final ClassLoader OURS =
            Objects.requireNonNull(HeadProvider.class.getClassLoader());

    PublicApi() {
        super("MTL's public API", ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        return isShown(name) ? OURS.loadClass(name) : super.loadClass(name, resolve);
    }

    /** Whether plugins would see a class of this name. */
    static boolean isShown(String name) {
        var itsPackage = name.substring(0, Math.max(0, name.lastIndexOf('.')));
        for (var shown : HeadPlugins.PUBLIC_API) {
            if (shown.endsWith("..")
                    ? (itsPackage + "..").startsWith(shown.substring(0, shown.length() - 1))
                    : itsPackage.equals(shown)) {
                return true;
            }
        }
        return false;
    }

    /** Whether MTL has a class of this name, and plugins do not see it. */
    static boolean isHidden(String name) {
        return !isShown(name) && OURS.getResource(name.replace('.', '/') + ".class") != null;
    }
}
