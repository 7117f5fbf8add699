/** One tag for each word: named entities, slots, parts of speech. */
@NullMarked
package dev.mtl.heads.token;

import org.jspecify.annotations.NullMarked;
