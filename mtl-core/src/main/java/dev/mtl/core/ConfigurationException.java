package dev.mtl.core;

/**
 * The call or the configuration is wrong. The command line prints only the message and exits with
 * 2.
 */
public class ConfigurationException extends MtlException {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
