/** Transformers of Spark ML: embeddings and predictions of the rows of a Dataset. */
@NullMarked
package dev.mtl.spark;

import org.jspecify.annotations.NullMarked;
