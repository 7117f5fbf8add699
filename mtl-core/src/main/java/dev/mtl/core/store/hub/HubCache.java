package dev.mtl.core.store.hub;

import dev.mtl.core.MtlException;
import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a model that Python's {@code huggingface_hub} has downloaded: {@code
 * models--ORG--NAME/refs/REVISION} holds a commit, {@code snapshots/COMMIT/FILE} is a link to
 * {@code blobs/ETAG}. The cache is read, never written, see {@code docs/decisions/012}.
 *
 * @param folder {@code HF_HUB_CACHE}
 */
record HubCache(Path folder, HubModel model) {
    private static final Logger LOG = Loggers.of(HubCache.class);
    private static final String COMMIT = "[0-9a-f]{40}";

    private Path home() {
        return folder.resolve("models--" + model.repository().replace("/", "--"));
    }

    /** The commit of the revision as of its last download by Python; empty if there is none. */
    Optional<String> commit() {
        if (model.revision().matches(COMMIT)) {
            return Optional.of(model.revision());
        }
        var file = home().resolve("refs").resolve(model.revision());
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(Files.readString(file).strip()).filter(c -> c.matches(COMMIT))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The files of a commit that are in the cache, by relative path with {@code /}. */
    List<String> files(String commit) throws IOException {
        var snapshot = home().resolve("snapshots").resolve(commit);
        if (!Files.isDirectory(snapshot)) {
            return List.of();
        }
        try (Stream<Path> tree = Files.walk(snapshot, 3)) {
            return tree.filter(Files::isRegularFile)
                    .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Copies a file if it is in the cache and undamaged. It links to a blob that is named by its
     * hash; on file systems without links it is a plain file, which cannot be checked.
     *
     * @return whether it was copied
     */
    boolean copy(String commit, String file, Path target) throws IOException {
        var source = home().resolve("snapshots").resolve(commit).resolve(file);
        if (!Files.isRegularFile(source)) {
            return false;
        }
        Files.createDirectories(target.getParent());
        var blob = source.toRealPath();
        var check = new EntityTagCheck(String.valueOf(blob.getFileName()), Files.size(blob));
        try (var input = Files.newInputStream(blob);
                var output = Files.newOutputStream(target)) {
            var buffer = new byte[1 << 16];
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                output.write(buffer, 0, count);
                check.update(buffer, count);
            }
            check.require(blob.toUri());
            return true;
        } catch (MtlException e) {
            LOG.warn("cached file ignored: {}", e.getMessage());
            Files.deleteIfExists(target);
            return false;
        }
    }
}
