/** Threads that compute the micro-batches of a step. */
@NullMarked
package dev.mtl.train.workers;

import org.jspecify.annotations.NullMarked;
