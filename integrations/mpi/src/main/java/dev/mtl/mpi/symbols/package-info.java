/** Opening the MPI library, and its symbols. */
@NullMarked
package dev.mtl.mpi.symbols;

import org.jspecify.annotations.NullMarked;
