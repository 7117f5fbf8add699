/** The formats of data files: rows, their columns and targets; formats of words. */
@NullMarked
package dev.mtl.train.format;

import org.jspecify.annotations.NullMarked;
