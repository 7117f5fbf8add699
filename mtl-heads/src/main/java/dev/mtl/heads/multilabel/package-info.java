/** Any number of labels for a whole text. */
@NullMarked
package dev.mtl.heads.multilabel;

import org.jspecify.annotations.NullMarked;
