/** Models that others learn from: their embeddings of the texts of a run. */
@NullMarked
package dev.mtl.train.teacher;

import org.jspecify.annotations.NullMarked;
