/** The command line, run in this process on tiny models. */
@NullMarked
package dev.mtl.cli;

import org.jspecify.annotations.NullMarked;
