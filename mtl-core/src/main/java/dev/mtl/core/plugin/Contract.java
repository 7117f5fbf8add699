package dev.mtl.core.plugin;

import dev.mtl.core.ConfigurationException;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/**
 * Whether classes have all methods of the interfaces that they implement. A class that was built
 * against an older interface has not, and would be found out only when such a method is called.
 */
public final class Contract {
    private Contract() {}

    /**
     * Checks what a plugin made.
     *
     * @throws ConfigurationException that names plugin, class and method
     */
    public static void require(Object made, Class<?> contract) {
        var type = made.getClass();
        try {
            requireMethods(type, contract);
        } catch (AbstractMethodError e) {
            throw new ConfigurationException(
                    PluginFailures.origin(type)
                            + type.getName()
                            + ": "
                            + PluginFailures.describe(e),
                    e);
        }
    }

    /**
     * Checks a class.
     *
     * @throws AbstractMethodError as a call of the method would
     */
    static void requireMethods(Class<?> type, Class<?> contract) {
        for (var method : contract.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers()) && !has(type, method)) {
                throw new AbstractMethodError(
                        type.getName() + " has no method " + method.toGenericString());
            }
        }
    }

    private static boolean has(Class<?> type, Method method) {
        try {
            var own = type.getMethod(method.getName(), method.getParameterTypes());
            return !Modifier.isAbstract(own.getModifiers());
        } catch (NoSuchMethodException e) {
            return false;
        }
    }
}
