/** stdin, stdout and stderr of a command: results on stdout, progress and messages on stderr. */
@NullMarked
package dev.mtl.cli.console;

import org.jspecify.annotations.NullMarked;
