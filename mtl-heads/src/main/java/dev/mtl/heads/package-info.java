/**
 * The heads that ship with MTL, found through {@link java.util.ServiceLoader} like those of
 * plugins, and what they share.
 */
@NullMarked
package dev.mtl.heads;

import org.jspecify.annotations.NullMarked;
