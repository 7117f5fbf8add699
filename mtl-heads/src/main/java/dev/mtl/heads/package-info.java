/**
 * The heads that ship with MTL, each found through {@link java.util.ServiceLoader} like anyone
 * else's.
 */
@NullMarked
package dev.mtl.heads;

import org.jspecify.annotations.NullMarked;
