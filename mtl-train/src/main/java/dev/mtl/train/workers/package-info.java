/** Threads that compute the micro-batches of a step, and embeddings that processes share. */
@NullMarked
package dev.mtl.train.workers;

import org.jspecify.annotations.NullMarked;
