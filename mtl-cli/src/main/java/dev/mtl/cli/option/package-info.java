/** Options and arguments that several commands share. */
@NullMarked
package dev.mtl.cli.option;

import org.jspecify.annotations.NullMarked;
