package dev.mtl.core.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * A text and its words.
 *
 * @param text as it was given
 * @param words in order, with UTF-16 offsets into {@code text}
 */
public record PreTokenizedText(String text, List<Word> words) {
    public PreTokenizedText {
        words = List.copyOf(words);
    }

    /** Splits a text as predictions do. */
    public static PreTokenizedText of(String text) {
        return new PreTokenizedText(text, WordSplitter.split(text));
    }

    /** Words that are known already, as training data has them, with single spaces between them. */
    public static PreTokenizedText ofWords(List<String> words) {
        var text = new StringBuilder();
        var placed = new ArrayList<Word>(words.size());
        for (var word : words) {
            if (!text.isEmpty()) {
                text.append(' ');
            }
            placed.add(new Word(word, text.length(), text.length() + word.length()));
            text.append(word);
        }
        return new PreTokenizedText(text.toString(), placed);
    }

    /** The words' own texts. */
    public List<String> wordTexts() {
        return words.stream().map(Word::text).toList();
    }
}
