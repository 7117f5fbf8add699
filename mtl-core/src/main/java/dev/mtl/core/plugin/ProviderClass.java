package dev.mtl.core.plugin;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;

/** A class that a service file names, checked to be an instantiable provider of the service. */
record ProviderClass<T>(Class<T> service, Constructor<?> constructor) {
    /** Why a class cannot be a provider. */
    static final class Unusable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unusable(String message, Throwable cause) {
            super(message, cause);
        }

        Unusable(String message) {
            super(message);
        }
    }

    static <T> ProviderClass<T> of(Class<T> service, String name, ClassLoader loader) {
        try {
            var type = Class.forName(name, false, loader);
            if (!service.isAssignableFrom(type)) {
                throw new Unusable("does not implement " + service.getName());
            }
            if (!Modifier.isPublic(type.getModifiers())
                    || Modifier.isAbstract(type.getModifiers())) {
                throw new Unusable("must be public and not abstract");
            }
            PluginCompatibility.requireMethods(type);
            return new ProviderClass<>(service, type.getConstructor());
        } catch (ClassNotFoundException e) {
            throw new Unusable("no such class, but the service file names it", e);
        } catch (NoSuchMethodException e) {
            throw new Unusable("must have a public constructor without parameters", e);
        }
    }

    T make() {
        try {
            return service.cast(constructor.newInstance());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof LinkageError linkage) {
                throw linkage;
            }
            throw new Unusable("its constructor throws " + e.getCause(), e);
        } catch (InstantiationException | IllegalAccessException e) {
            throw new Unusable("cannot be made: " + e, e);
        }
    }
}
