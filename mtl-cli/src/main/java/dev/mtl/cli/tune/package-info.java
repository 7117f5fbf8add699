/** The search of {@code mtl tune}: which trial trains next, and what came of all. */
@NullMarked
package dev.mtl.cli.tune;

import org.jspecify.annotations.NullMarked;
