/** The arrows between modules, held where they are. */
@NullMarked
package dev.mtl.architecture;

import org.jspecify.annotations.NullMarked;
