package dev.mtl.core.head;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.List;

/**
 * The texts of a batch, as a head sees them: of B examples, each of one text, or of K where heads
 * take {@link HeadInput#SENTENCES}.
 *
 * @param texts B &middot; K texts with their words, those of an example beside each other
 * @param tokens their tokens; {@code tokens.encodings().get(i).wordIds()} says which word of text i
 *     each token is a piece of
 * @param textsPerExample K
 */
public record HeadBatch(List<PreTokenizedText> texts, TokenBatch tokens, int textsPerExample) {
    public HeadBatch {
        texts = List.copyOf(texts);
        if (textsPerExample < 1 || texts.size() % textsPerExample != 0) {
            throw new IllegalArgumentException(
                    texts.size() + " texts do not make examples of " + textsPerExample);
        }
    }

    /** Examples of one text each. */
    public HeadBatch(List<PreTokenizedText> texts, TokenBatch tokens) {
        this(texts, tokens, 1);
    }
}
