@NullMarked
package dev.mtl.cli.console;

import org.jspecify.annotations.NullMarked;
