/** One tag for each word: named entities, slots. */
@NullMarked
package dev.mtl.heads.token;

import org.jspecify.annotations.NullMarked;
