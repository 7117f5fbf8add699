/** Data sets: formats, examples, and which tasks share them. */
@NullMarked
package dev.mtl.train.data;

import org.jspecify.annotations.NullMarked;
