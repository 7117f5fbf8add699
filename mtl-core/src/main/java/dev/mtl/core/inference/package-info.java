/** Runs inference requests of all callers on shared threads, in shared batches. */
@NullMarked
package dev.mtl.core.inference;

import org.jspecify.annotations.NullMarked;
