package dev.mtl.core.plugin;

import dev.mtl.core.ConfigurationException;

import java.lang.reflect.Modifier;

/**
 * Checks that classes have all methods of the interfaces that they implement. A class that was
 * built against an older interface may lack one, which would otherwise fail only when it is called.
 */
public final class PluginCompatibility {
    private PluginCompatibility() {}

    /**
     * Checks the class of an object that a plugin created.
     *
     * @throws ConfigurationException that names plugin, class and method
     */
    public static void require(Object made) {
        var type = made.getClass();
        try {
            requireMethods(type);
        } catch (LinkageError e) {
            throw new ConfigurationException(
                    PluginFailures.name(type) + ": " + PluginFailures.describe(e), e);
        }
    }

    /**
     * Checks a concrete class.
     *
     * @throws AbstractMethodError as a call of the missing method would
     */
    static void requireMethods(Class<?> type) {
        for (var method : type.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers())) {
                throw new AbstractMethodError(
                        type.getName() + " has no method " + method.toGenericString());
            }
        }
    }
}
