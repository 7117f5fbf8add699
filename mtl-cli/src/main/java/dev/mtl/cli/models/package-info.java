/** The commands {@code mtl models}. */
@NullMarked
package dev.mtl.cli.models;

import org.jspecify.annotations.NullMarked;
