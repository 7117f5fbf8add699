/** Relations between two entities of a text. */
@NullMarked
package dev.mtl.heads.relation;

import org.jspecify.annotations.NullMarked;
