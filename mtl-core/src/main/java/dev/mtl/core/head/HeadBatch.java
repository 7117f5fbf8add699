package dev.mtl.core.head;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.List;

/**
 * The texts of a batch of B examples, K texts each.
 *
 * @param texts B &middot; K texts with their words, those of an example next to each other
 * @param tokens their tokens; {@code tokens.encodings().get(i).wordIds()} says which word of text i
 *     each token is a piece of
 * @param textsPerExample K; 1 unless heads read {@link HeadInput#SENTENCES}
 */
public record HeadBatch(List<PreTokenizedText> texts, TokenBatch tokens, int textsPerExample) {
    public HeadBatch {
        texts = List.copyOf(texts);
        if (textsPerExample < 1 || texts.size() % textsPerExample != 0) {
            throw new IllegalArgumentException(
                    texts.size()
                            + " texts cannot be divided into examples of "
                            + textsPerExample
                            + " texts");
        }
    }

    /** A batch of examples with one text each. */
    public HeadBatch(List<PreTokenizedText> texts, TokenBatch tokens) {
        this(texts, tokens, 1);
    }

    /** The texts of one example, from 0. */
    public TokenizedTexts example(int index) {
        int from = index * textsPerExample;
        return new TokenizedTexts(
                texts.subList(from, from + textsPerExample),
                tokens.encodings().subList(from, from + textsPerExample));
    }

    /** B, the number of examples. */
    public int size() {
        return texts.size() / textsPerExample;
    }
}
