/** Checkpoints: everything that a resumed run needs, on disk. */
@NullMarked
package dev.mtl.train.checkpoint;

import org.jspecify.annotations.NullMarked;
