/** The checks of {@code mtl doctor}. */
@NullMarked
package dev.mtl.cli.doctor;

import org.jspecify.annotations.NullMarked;
