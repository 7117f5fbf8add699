package dev.mtl.core.plugin;

import dev.mtl.core.head.HeadProvider;

import java.util.Objects;

/**
 * The parent of every plugin's class loader. Of MTL and of its libraries it shows the packages of
 * {@link HeadPlugins#PUBLIC_API} and hides the rest, so that a plugin may bring any version of a
 * library, and so that what is not listed can change. Of resources it shows those of the JDK alone:
 * a plugin that looks for services finds its own, not MTL's.
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

    /** Whether a class of this name is one that plugins see, if it exists. */
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
