package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.NearestName;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.artifact.MavenCoordinates;
import dev.mtl.core.store.hub.HubModel;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A model name as users write it, parsed. */
sealed interface ModelName {

    /** A model that is downloaded into the cache. */
    sealed interface Remote extends ModelName {

        /** The name of the model's folder in the cache. */
        String key();

        /** The canonical name: equal for names of the same files. */
        String source();
    }

    /** A model from a Maven artifact: one of the catalog, or one that the user specifies. */
    record Maven(
            String key,
            MavenCoordinates coordinates,
            OptionalInt heads,
            Optional<Readout> readout,
            Map<String, String> prompts)
            implements Remote {
        @Override
        public String source() {
            return "maven:" + coordinates;
        }
    }

    /** A repository of the Hugging Face hub at a revision (branch, tag or commit). */
    record Hub(String repository, String revision) implements Remote {
        @Override
        public String key() {
            return ("hf--" + repository + "--" + revision).replace("/", "--");
        }

        @Override
        public String source() {
            return model().toString();
        }

        HubModel model() {
            return new HubModel(repository, revision);
        }
    }

    /** A folder of the user. */
    record Directory(Path path) implements ModelName {}

    /**
     * Parses a name: one of the catalog, {@code hf:...}, {@code maven:...}, else a folder.
     *
     * @throws ConfigurationException if it is none of these
     */
    static ModelName parse(String name) {
        var known = Catalog.find(name);
        if (known.isPresent()) {
            var entry = known.get();
            return new Maven(
                    name,
                    entry.artifact(),
                    OptionalInt.of(entry.heads()),
                    entry.readout(),
                    entry.prompts());
        }
        if (name.startsWith("hf:")) {
            return hub(name);
        }
        if (name.startsWith("maven:")) {
            var coordinates = MavenCoordinates.parse(name.substring("maven:".length()));
            return new Maven(
                    name.replace(":", "--"),
                    coordinates,
                    OptionalInt.empty(),
                    Optional.empty(),
                    Map.of());
        }
        return directory(name);
    }

    private static Hub hub(String name) {
        var part = "[A-Za-z0-9][\\w.-]*";
        if (!name.matches("hf:(%s/)?%s(@[A-Za-z0-9][\\w./-]*)?".formatted(part, part))
                || name.contains("..")) {
            throw new ConfigurationException("'" + name + "' is not hf:org/name[@revision]");
        }
        var at = name.indexOf('@');
        return at < 0
                ? new Hub(name.substring("hf:".length()), "main")
                : new Hub(name.substring("hf:".length(), at), name.substring(at + 1));
    }

    private static Directory directory(String name) {
        try {
            var path = Path.of(name);
            if (!name.isBlank() && Files.isDirectory(path)) {
                return new Directory(path);
            }
            if (Files.isRegularFile(path)) {
                throw new ConfigurationException(
                        "'%s' is a file; give the model's folder".formatted(name));
            }
        } catch (InvalidPathException e) {
            throw new ConfigurationException(unknown(name), e);
        }
        throw new ConfigurationException(unknown(name));
    }

    private static String unknown(String name) {
        var message =
                "no model '%s': neither a folder nor a known name; known: %s, hf:org/name[@revision], maven:group:artifact:version[:classifier], or a folder"
                        .formatted(name, String.join(", ", Catalog.names()));
        var last = name.substring(name.lastIndexOf('/') + 1);
        return message
                + NearestName.of(last, Catalog.names())
                        .or(
                                () ->
                                        name.matches("[\\w.-]+/[\\w.-]+")
                                                ? Optional.of("hf:" + name)
                                                : Optional.empty())
                        .map(NearestName::hint)
                        .orElse("");
    }
}
