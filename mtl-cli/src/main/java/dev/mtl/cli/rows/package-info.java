/** The rows of a data set, read for predictions as training reads them. */
@NullMarked
package dev.mtl.cli.rows;

import org.jspecify.annotations.NullMarked;
