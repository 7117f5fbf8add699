/** The command {@code mtl}: results on stdout, everything else on stderr. */
@NullMarked
package dev.mtl.cli;

import org.jspecify.annotations.NullMarked;
