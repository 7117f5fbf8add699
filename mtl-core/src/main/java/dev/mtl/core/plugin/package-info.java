/** Heads out of jars that are named when a program starts, each in a class loader of its own. */
@NullMarked
package dev.mtl.core.plugin;

import org.jspecify.annotations.NullMarked;
