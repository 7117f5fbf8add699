/** Texts, their words, and the tokens that a tokenizer makes of them. */
@NullMarked
package dev.mtl.core.tokenizer;

import org.jspecify.annotations.NullMarked;
