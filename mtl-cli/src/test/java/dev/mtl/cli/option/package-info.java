@NullMarked
package dev.mtl.cli.option;

import org.jspecify.annotations.NullMarked;
