package dev.mtl.core.store;

import dev.mtl.core.ProgressListener;

import java.nio.file.Path;

/** Downloads jars from Maven repositories. */
@FunctionalInterface
interface ArtifactResolver {

    /**
     * The jar as a local file, downloaded if need be.
     *
     * @throws dev.mtl.core.MtlException if it cannot be resolved; the message says why
     */
    Path resolve(MavenCoordinates coordinates, ProgressListener progress);
}
