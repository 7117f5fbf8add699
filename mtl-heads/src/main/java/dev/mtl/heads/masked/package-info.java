/** Tokens that are hidden from the model, to be predicted. */
@NullMarked
package dev.mtl.heads.masked;

import org.jspecify.annotations.NullMarked;
