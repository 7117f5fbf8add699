/** Answers to a question in a text. */
@NullMarked
package dev.mtl.heads.span;

import org.jspecify.annotations.NullMarked;
