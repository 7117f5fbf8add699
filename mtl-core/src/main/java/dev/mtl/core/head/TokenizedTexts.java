package dev.mtl.core.head;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;

import java.util.List;

/**
 * The texts of one example and their tokens.
 *
 * @param texts with their words
 * @param encodings the tokens of each, cut to the model's {@code max_length}
 */
public record TokenizedTexts(List<PreTokenizedText> texts, List<Encoding> encodings) {
    public TokenizedTexts {
        texts = List.copyOf(texts);
        encodings = List.copyOf(encodings);
        if (texts.isEmpty() || texts.size() != encodings.size()) {
            throw new IllegalArgumentException(
                    texts.size() + " texts with " + encodings.size() + " encodings");
        }
    }

    /** The texts of an example, cut to what the model reads at once. */
    public static TokenizedTexts of(List<TokenizedText> texts) {
        return new TokenizedTexts(
                texts.stream().map(TokenizedText::text).toList(),
                texts.stream().map(TokenizedText::encoding).toList());
    }

    /** An example of one text. */
    public static TokenizedTexts of(PreTokenizedText text, Encoding encoding) {
        return new TokenizedTexts(List.of(text), List.of(encoding));
    }
}
