/** Rows with predictions, and with what the data says, in files. */
@NullMarked
package dev.mtl.cli.predictions;

import org.jspecify.annotations.NullMarked;
