/** Tokenizers of a {@code tokenizer.json}, run by Hugging Face's own library. */
@NullMarked
package dev.mtl.core.tokenizer.huggingface;

import org.jspecify.annotations.NullMarked;
