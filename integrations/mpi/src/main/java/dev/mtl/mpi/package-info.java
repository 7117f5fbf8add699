/** Training in several processes that an MPI launcher started. */
@NullMarked
package dev.mtl.mpi;

import org.jspecify.annotations.NullMarked;
