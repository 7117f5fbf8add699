package dev.mtl.core.head;

import dev.mtl.core.nn.TokenBatch;

import java.util.List;

/**
 * The texts of a batch, as a head sees them.
 *
 * @param texts B texts with their words
 * @param tokens their tokens; {@code tokens.encodings().get(i).wordIds()} says which word of text i
 *     each token is a piece of
 */
public record HeadBatch(List<SplitText> texts, TokenBatch tokens) {
    public HeadBatch {
        texts = List.copyOf(texts);
    }
}
