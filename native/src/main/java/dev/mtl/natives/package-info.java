/** Locates LibTorch's files: a folder of the user's, or jars of the class path, unpacked once. */
@NullMarked
package dev.mtl.natives;

import org.jspecify.annotations.NullMarked;
