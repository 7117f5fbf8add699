/** Examples with their targets, and data sets of them. */
@NullMarked
package dev.mtl.train.data;

import org.jspecify.annotations.NullMarked;
