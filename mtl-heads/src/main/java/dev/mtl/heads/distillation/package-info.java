/** Learning from a teacher's sentence embeddings. */
@NullMarked
package dev.mtl.heads.distillation;

import org.jspecify.annotations.NullMarked;
