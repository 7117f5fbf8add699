package dev.mtl.core.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A line of {@code mtl models list}.
 *
 * @param name what to call it
 * @param source where it comes from, such as {@code maven:group:artifact:version}
 * @param directory its folder, if it is in the cache
 * @param bytes the size of its files on the disk, 0 if it is not in the cache
 */
public record StoredModel(String name, String source, Optional<Path> directory, long bytes) {}
