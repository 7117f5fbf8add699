/** From texts to sentence embeddings. */
@NullMarked
package dev.mtl.core.encoder;

import org.jspecify.annotations.NullMarked;
