package dev.mtl.core.store.artifact;

import dev.mtl.core.ProgressListener;

import java.nio.file.Path;

/**
 * Fetches jars from Maven repositories. The model store takes the first one that {@link
 * java.util.ServiceLoader} finds, when it needs an artifact that is not in its cache.
 */
@FunctionalInterface
public interface ArtifactResolver {

    /**
     * The jar as a local file, downloaded if need be.
     *
     * @throws dev.mtl.core.MtlException if it cannot be resolved; the message says why
     */
    Path resolve(MavenCoordinates coordinates, ProgressListener progress);
}
