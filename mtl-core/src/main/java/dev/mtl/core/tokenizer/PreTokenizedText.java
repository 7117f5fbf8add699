package dev.mtl.core.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * A text with its words. The tokenizer reads the text as it was given; the words say which tokens
 * belong together, for heads that label words.
 *
 * @param text as it was given
 * @param words in order and without overlap, with UTF-16 offsets into {@code text}
 */
public record PreTokenizedText(String text, List<Word> words) {
    public PreTokenizedText {
        words = List.copyOf(words);
    }

    /** A raw text, split into words by {@link WordSplitter}. */
    public static PreTokenizedText of(String text) {
        return new PreTokenizedText(text, WordSplitter.split(text));
    }

    /** The words of a pre-tokenized corpus, joined by single spaces. */
    public static PreTokenizedText ofWords(List<String> words) {
        var text = new StringBuilder();
        var placed = new ArrayList<Word>(words.size());
        for (var word : words) {
            if (!placed.isEmpty()) {
                text.append(' ');
            }
            placed.add(new Word(word, text.length(), text.length() + word.length()));
            text.append(word);
        }
        return new PreTokenizedText(text.toString(), placed);
    }

    /** The words without their offsets. */
    public List<String> wordTexts() {
        return words.stream().map(Word::text).toList();
    }

    /**
     * The part of the text that holds some of its words.
     *
     * @param from index of the first word
     * @param to index after the last word
     */
    PreTokenizedText slice(int from, int to) {
        if (from == to) {
            return new PreTokenizedText("", List.of());
        }
        int start = words.get(from).start();
        return new PreTokenizedText(
                text.substring(start, words.get(to - 1).end()),
                words.subList(from, to).stream()
                        .map(w -> new Word(w.text(), w.start() - start, w.end() - start))
                        .toList());
    }
}
