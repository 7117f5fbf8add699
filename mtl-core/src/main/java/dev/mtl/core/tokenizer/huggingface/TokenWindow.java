package dev.mtl.core.tokenizer.huggingface;

import dev.mtl.core.tokenizer.Encoding;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A part of a text that is longer than a model's input.
 *
 * @param encoding its tokens, with the special tokens and the prompt of the text around them
 * @param tokens how many of them are the text's own
 */
public record TokenWindow(Encoding encoding, int tokens) {

    /**
     * Divides a text into windows that follow each other without overlap. A window ends between two
     * words, unless a word is longer than a window.
     *
     * @param parts what the tokenizer cuts the text into, with special tokens around each part
     * @param promptLength how many of the first tokens are a prompt, [CLS] included; 0 for none
     * @param maxLength the most tokens in a window
     * @return at least one window; if prompt and special tokens leave no room, the first part alone
     */
    static List<TokenWindow> of(List<Encoding> parts, int promptLength, int maxLength) {
        var first = parts.getFirst();
        int leading = specialTokens(first, false);
        int trailing = leading == first.length() ? 0 : specialTokens(first, true);
        int repeated = Math.max(leading, promptLength);
        int capacity = maxLength - repeated - trailing;
        if (parts.size() == 1 || capacity < 1) {
            return List.of(
                    new TokenWindow(
                            first.withPromptLength(promptLength),
                            Math.max(1, first.length() - repeated - trailing)));
        }
        var own = new ArrayList<Token>();
        for (var part : parts) {
            for (int i = leading; i < part.length() - trailing; i++) {
                own.add(new Token(part, i));
            }
        }
        var prompt = own.subList(0, repeated - leading);
        var text = own.subList(repeated - leading, own.size());
        var windows = new ArrayList<TokenWindow>();
        for (int from = 0; from < text.size(); ) {
            int to = end(text, from, capacity);
            var tokens = new ArrayList<Token>();
            IntStream.range(0, leading).forEach(i -> tokens.add(new Token(first, i)));
            tokens.addAll(prompt);
            tokens.addAll(text.subList(from, to));
            IntStream.range(first.length() - trailing, first.length())
                    .forEach(i -> tokens.add(new Token(first, i)));
            windows.add(new TokenWindow(encoding(tokens, promptLength), to - from));
            from = to;
        }
        return windows;
    }

    /** A token of one of the parts. */
    private record Token(Encoding part, int index) {
        int word() {
            return part.wordIds()[index];
        }
    }

    /** How many special tokens a part begins or ends with. */
    private static int specialTokens(Encoding part, boolean atEnd) {
        int count = 0;
        while (count < part.length()
                && part.wordIds()[atEnd ? part.length() - 1 - count : count] < 0) {
            count++;
        }
        return count;
    }

    /** Where a window ends that begins at {@code from}. */
    private static int end(List<Token> text, int from, int capacity) {
        if (text.size() - from <= capacity) {
            return text.size();
        }
        int to = from + capacity;
        while (to > from && text.get(to).word() == text.get(to - 1).word()) {
            to--;
        }
        return to == from ? from + capacity : to;
    }

    private static Encoding encoding(List<Token> tokens, int promptLength) {
        var ids = tokens.stream().mapToLong(t -> t.part().ids()[t.index()]).toArray();
        var types = tokens.stream().mapToLong(t -> t.part().typeIds()[t.index()]).toArray();
        var words = tokens.stream().mapToInt(Token::word).toArray();
        var starts = tokens.stream().mapToInt(t -> t.part().starts()[t.index()]).toArray();
        var ends = tokens.stream().mapToInt(t -> t.part().ends()[t.index()]).toArray();
        return new Encoding(ids, types, words, starts, ends, false, promptLength);
    }
}
