/** Files and directories that are written whole or not at all, locked, compared, and read. */
@NullMarked
package dev.mtl.core.internal.files;

import org.jspecify.annotations.NullMarked;
