/** Contrastive learning of sentence embeddings from pairs of texts. */
@NullMarked
package dev.mtl.heads.contrastive;

import org.jspecify.annotations.NullMarked;
