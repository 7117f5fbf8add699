/**
 * Building blocks of networks: named parameters, initializers, batches, and the threads that run
 * them.
 */
@NullMarked
package dev.mtl.core.nn;

import org.jspecify.annotations.NullMarked;
