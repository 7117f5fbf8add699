package dev.mtl.core.store.artifact;

import dev.mtl.core.ConfigurationException;

/**
 * The coordinates of a jar in a Maven repository.
 *
 * @param classifier empty for the main jar
 */
public record MavenCoordinates(String group, String artifact, String version, String classifier) {

    /**
     * Parses {@code group:artifact:version[:classifier]}.
     *
     * @throws ConfigurationException if the text has another form
     */
    public static MavenCoordinates parse(String text) {
        if (!text.matches("[\\w.-]+(:[\\w.-]+){2,3}")) {
            throw new ConfigurationException(
                    "'%s' is not group:artifact:version[:classifier]".formatted(text));
        }
        var parts = text.split(":", -1);
        return new MavenCoordinates(parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : "");
    }

    @Override
    public String toString() {
        return String.join(":", group, artifact, version)
                + (classifier.isEmpty() ? "" : ":" + classifier);
    }
}
