package dev.mtl.core.head;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The texts of a batch of B examples, K texts each. */
public final class HeadBatch {
    private final List<PreTokenizedText> texts;
    private final TokenBatch tokens;
    private final int textsPerExample;
    private final List<TokenizedPair> pairs;
    private final @Nullable TokenBatch pairTokens;

    /**
     * A batch without texts that are read together.
     *
     * @param texts B &middot; K texts, those of an example next to each other
     * @param tokens of each text
     * @param textsPerExample K
     */
    public HeadBatch(List<PreTokenizedText> texts, TokenBatch tokens, int textsPerExample) {
        this(texts, tokens, textsPerExample, List.of(), null);
    }

    /**
     * A batch of examples whose two texts are read together.
     *
     * @param texts B &middot; 2 texts, those of an example next to each other
     * @param tokens of each text
     * @param pairs of each example
     * @param pairTokens of each pair
     */
    public HeadBatch(
            List<PreTokenizedText> texts,
            TokenBatch tokens,
            List<TokenizedPair> pairs,
            TokenBatch pairTokens) {
        this(texts, tokens, 2, pairs, pairTokens);
    }

    private HeadBatch(
            List<PreTokenizedText> texts,
            TokenBatch tokens,
            int textsPerExample,
            List<TokenizedPair> pairs,
            @Nullable TokenBatch pairTokens) {
        this.texts = List.copyOf(texts);
        this.tokens = tokens;
        this.textsPerExample = textsPerExample;
        this.pairs = List.copyOf(pairs);
        this.pairTokens = pairTokens;
        if (textsPerExample < 1 || texts.size() % textsPerExample != 0) {
            throw new IllegalArgumentException(
                    texts.size()
                            + " texts cannot be divided into examples of "
                            + textsPerExample
                            + " texts");
        }
    }

    /** B, the number of examples. */
    public int size() {
        return texts.size() / textsPerExample;
    }

    /** K, the number of texts of each example. */
    public int textsPerExample() {
        return textsPerExample;
    }

    /** B &middot; K texts with their words, those of an example next to each other. */
    public List<PreTokenizedText> texts() {
        return texts;
    }

    /**
     * The tokens of each text: {@code tokens().encodings().get(i).wordIds()} says which word of
     * text i each token is a piece of.
     */
    public TokenBatch tokens() {
        return tokens;
    }

    /** The two texts of each example as they are read together; empty unless a head does so. */
    public List<TokenizedPair> pairs() {
        return pairs;
    }

    /**
     * The tokens of {@link #pairs}.
     *
     * @throws IllegalStateException if no head reads two texts together
     */
    public TokenBatch pairTokens() {
        if (pairTokens == null) {
            throw new IllegalStateException("no head of this batch has the input PAIR");
        }
        return pairTokens;
    }

    /** The texts of one example, from 0. */
    public TokenizedTexts example(int index) {
        int from = index * textsPerExample;
        return new TokenizedTexts(
                texts.subList(from, from + textsPerExample),
                tokens.encodings().subList(from, from + textsPerExample),
                () -> pairs.get(index));
    }
}
