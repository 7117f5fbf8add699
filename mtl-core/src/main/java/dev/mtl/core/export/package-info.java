/** Trained models as the files of other tools. */
@NullMarked
package dev.mtl.core.export;

import org.jspecify.annotations.NullMarked;
