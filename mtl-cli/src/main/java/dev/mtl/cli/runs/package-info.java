/** Several runs: one for each seed, and the table of the runs of a directory. */
@NullMarked
package dev.mtl.cli.runs;

import org.jspecify.annotations.NullMarked;
