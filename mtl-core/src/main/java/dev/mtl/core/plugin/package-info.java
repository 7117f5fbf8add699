/** Heads as plugins: jars that are named when a program starts, each in its own class loader. */
@NullMarked
package dev.mtl.core.plugin;

import org.jspecify.annotations.NullMarked;
