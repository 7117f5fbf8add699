/** Texts to token ids, by Hugging Face's tokenizers. */
@NullMarked
package dev.mtl.core.tokenizer;

import org.jspecify.annotations.NullMarked;
