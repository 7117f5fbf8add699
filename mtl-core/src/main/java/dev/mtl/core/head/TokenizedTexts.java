package dev.mtl.core.head;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;

import java.util.List;
import java.util.function.Supplier;

/** The texts of one example and their tokens. */
public final class TokenizedTexts {
    private final List<PreTokenizedText> texts;
    private final List<Encoding> encodings;
    private final Supplier<TokenizedPair> pair;

    TokenizedTexts(
            List<PreTokenizedText> texts, List<Encoding> encodings, Supplier<TokenizedPair> pair) {
        this.texts = List.copyOf(texts);
        this.encodings = List.copyOf(encodings);
        this.pair = pair;
    }

    /** The texts of an example, cut to what the model reads at once. */
    public static TokenizedTexts of(List<TokenizedText> texts) {
        return new TokenizedTexts(
                texts.stream().map(TokenizedText::text).toList(),
                texts.stream().map(TokenizedText::encoding).toList(),
                () -> TokenizedPair.of(texts));
    }

    /** Two texts, of the second of which only a window is read; see {@link TaskHead#pairStride}. */
    public static TokenizedTexts of(List<TokenizedText> texts, TokenizedPair window) {
        return new TokenizedTexts(
                texts.stream().map(TokenizedText::text).toList(),
                texts.stream().map(TokenizedText::encoding).toList(),
                () -> window);
    }

    /** An example of one text. */
    public static TokenizedTexts of(PreTokenizedText text, Encoding encoding) {
        return new TokenizedTexts(
                List.of(text),
                List.of(encoding),
                () -> {
                    throw new IllegalArgumentException("two texts are read together, not 1");
                });
    }

    /** The texts with their words. */
    public List<PreTokenizedText> texts() {
        return texts;
    }

    /** The tokens of each text, cut to the model's {@code max_length}. */
    public List<Encoding> encodings() {
        return encodings;
    }

    /**
     * The two texts as they are read together.
     *
     * @throws IllegalArgumentException if the example has another number of texts
     */
    public TokenizedPair pair() {
        return pair.get();
    }
}
