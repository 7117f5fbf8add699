package dev.mtl.core.tokenizer;

import dev.mtl.core.ConfigurationException;

import java.util.Map;
import java.util.Properties;

/**
 * Holds DJL to the tokenizers in its jar. Where it sees CUDA 12.2 or later, it would download a
 * flavour built for that, which no tokenizer of ours needs; and it asks the machine's cloud for its
 * region to count its users. DJL reads an environment variable before the property of the same
 * name, so that a variable that says otherwise can only be refused.
 */
final class BundledTokenizers {
    static final String FLAVOR = "RUST_FLAVOR";
    private static final String LIBRARY = "RUST_LIBRARY_PATH";
    private static final String OFFLINE = "ai.djl.offline";
    private static final String NO_COUNTING = "OPT_OUT_TRACKING";

    private BundledTokenizers() {}

    /**
     * Must run before any class of DJL loads its library.
     *
     * @throws ConfigurationException if a variable asks for another library
     */
    static void prepare(Map<String, String> environment, Properties properties) {
        var flavor = environment.getOrDefault(FLAVOR, "");
        if (!flavor.isEmpty() && !flavor.equals("cpu")) {
            throw new ConfigurationException(
                    FLAVOR
                            + "="
                            + flavor
                            + " asks DJL to download tokenizers; MTL uses those in DJL's jar:"
                            + " unset it, or set it to cpu");
        }
        if (!environment.getOrDefault(LIBRARY, "").isEmpty()) {
            throw new ConfigurationException(
                    LIBRARY
                            + "="
                            + environment.get(LIBRARY)
                            + " asks DJL for other tokenizers; MTL uses those in DJL's jar:"
                            + " unset it");
        }
        properties.setProperty(FLAVOR, "cpu");
        properties.setProperty(NO_COUNTING, "true");
        properties.putIfAbsent(OFFLINE, "true");
    }
}
