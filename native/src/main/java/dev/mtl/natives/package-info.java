/** Where the LibTorch files are: named by the user, or unpacked once from the class path's jars. */
@NullMarked
package dev.mtl.natives;

import org.jspecify.annotations.NullMarked;
