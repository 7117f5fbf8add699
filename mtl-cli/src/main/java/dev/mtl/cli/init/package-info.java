/** Configurations for data files, as {@code mtl init} writes them. */
@NullMarked
package dev.mtl.cli.init;

import org.jspecify.annotations.NullMarked;
