/** The formats of data files: their settings, and how their rows are read. */
@NullMarked
package dev.mtl.train.format;

import org.jspecify.annotations.NullMarked;
