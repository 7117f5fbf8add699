/** One backbone with many heads: as a network, as files, and at work. */
@NullMarked
package dev.mtl.core.model;

import org.jspecify.annotations.NullMarked;
