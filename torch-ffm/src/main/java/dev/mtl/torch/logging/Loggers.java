package dev.mtl.torch.logging;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.SLF4JServiceProvider;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * SLF4J's loggers, for all of MTL. An application without a provider of SLF4J wants no logs: SLF4J
 * would say on stderr that it found none, which is turned off if it was not told otherwise.
 */
public final class Loggers {
    private static final String VERBOSITY = "slf4j.internal.verbosity";

    static {
        initialize();
    }

    private Loggers() {}

    /** A logger with the name of a class. */
    public static Logger of(Class<?> type) {
        return LoggerFactory.getLogger(type);
    }

    /**
     * The first call of SLF4J looks for providers; a process in which it was made is left alone.
     */
    private static void initialize() {
        if (System.getProperty(VERBOSITY) != null || hasProvider()) {
            return;
        }
        System.setProperty(VERBOSITY, "ERROR");
        try {
            LoggerFactory.getILoggerFactory();
        } finally {
            System.clearProperty(VERBOSITY);
        }
    }

    /** Whether there is a provider; makes none. */
    private static boolean hasProvider() {
        if (System.getProperty(LoggerFactory.PROVIDER_PROPERTY_KEY) != null) {
            return true;
        }
        var loader = LoggerFactory.class.getClassLoader();
        try {
            return ServiceLoader.load(SLF4JServiceProvider.class, loader).stream()
                    .findAny()
                    .isPresent();
        } catch (ServiceConfigurationError e) {
            return true; // one that cannot be used, which SLF4J reports
        }
    }
}
