/** Searching a corpus by sentence embeddings, and how well that works. */
@NullMarked
package dev.mtl.train.retrieval;

import org.jspecify.annotations.NullMarked;
