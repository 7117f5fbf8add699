package dev.mtl.core.tokenizer;

import dev.mtl.core.MtlException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Two texts that the model reads together, such as {@code [CLS] first [SEP] second [SEP]}.
 *
 * @param first the first text and its words
 * @param second the second text and its words
 * @param encoding the tokens of both; word ids and character offsets are those of each token's own
 *     text
 * @param firstBegin index of the first text's first token
 * @param firstEnd index after its last token
 * @param secondBegin index of the second text's first token
 * @param secondEnd index after its last token
 */
public record TokenizedPair(
        PreTokenizedText first,
        PreTokenizedText second,
        Encoding encoding,
        int firstBegin,
        int firstEnd,
        int secondBegin,
        int secondEnd) {
    /**
     * Puts the texts of an example together.
     *
     * @throws IllegalArgumentException if there are not two
     */
    public static TokenizedPair of(List<TokenizedText> texts) {
        if (texts.size() != 2) {
            throw new IllegalArgumentException("two texts are read together, not " + texts.size());
        }
        return of(texts.getFirst(), texts.getLast());
    }

    /**
     * Puts two texts together. If they are too long for the model, tokens are cut off the longer
     * one, and off both once they are equally long ({@code longest_first} of Hugging Face).
     *
     * @throws MtlException if the tokenizer has no template for pairs
     */
    public static TokenizedPair of(TokenizedText first, TokenizedText second) {
        var template = template(first);
        int capacity = first.maxLength() - template.specialTokens();
        int a = first.end() - first.begin();
        int b = second.end() - second.begin();
        if (a + b <= capacity) {
            return template.join(first, a, second, second.begin(), b, false);
        }
        int shorter = Math.min(a, b);
        int longer = Math.max(shorter, capacity - shorter);
        if (shorter + longer > capacity) {
            shorter = capacity / 2;
            longer = capacity - shorter;
        }
        return a > b
                ? template.join(first, longer, second, second.begin(), shorter, true)
                : template.join(first, shorter, second, second.begin(), longer, true);
    }

    /**
     * Puts the first text of an example together with each window over the second: as many tokens
     * as fit, the next window begins {@code stride} tokens before the end of the one before ({@code
     * only_second} and {@code stride} of Hugging Face). The first text has at most half of the
     * room, and neighbouring windows share at most half of theirs.
     *
     * @return one pair, not truncated, if both texts fit
     * @throws IllegalArgumentException if there are not two texts
     * @throws MtlException if the tokenizer has no template for pairs
     */
    public static List<TokenizedPair> windows(List<TokenizedText> texts, int stride) {
        var whole = of(texts);
        if (!whole.encoding().truncated()) {
            return List.of(whole);
        }
        var first = texts.getFirst();
        var second = texts.getLast();
        var template = template(first);
        int capacity = first.maxLength() - template.specialTokens();
        int question = Math.min(first.end() - first.begin(), capacity / 2);
        int width = capacity - question;
        int step = width - Math.min(stride, width / 2);
        int all = second.end() - second.begin();
        var windows = new ArrayList<TokenizedPair>();
        for (int from = 0; from == 0 || from - step + width < all; from += step) {
            windows.add(
                    template.join(
                            first,
                            question,
                            second,
                            second.begin() + from,
                            Math.min(width, all - from),
                            false));
        }
        return windows;
    }

    /** The number of tokens of two texts together, special tokens included, if none is cut off. */
    public static int length(TokenizedText first, TokenizedText second) {
        return template(first).specialTokens()
                + (first.end() - first.begin())
                + (second.end() - second.begin());
    }

    private static Template template(TokenizedText text) {
        var template = text.pairTemplate();
        if (template == null) {
            throw new MtlException(
                    "max_length %d has no room for two texts and their special tokens, or the"
                                    .formatted(text.maxLength())
                            + " model's tokenizer.json has no post-processor for pairs");
        }
        return template;
    }

    /**
     * How a tokenizer puts two texts together: {@code [CLS] a [SEP] b [SEP]} with segments 0 and 1,
     * or {@code <s> a </s></s> b </s>} with one segment. Known from an example, a pair of texts
     * that are not empty.
     */
    public static final class Template {
        private final Encoding example;
        private final int firstBegin;
        private final int firstEnd;
        private final int secondBegin;
        private final int secondEnd;

        /**
         * Reads the template off an example.
         *
         * @param example two texts put together by the tokenizer
         * @param textIds 0 and 1 for tokens of the first and the second text, -1 for special tokens
         * @throws IllegalArgumentException if these are not two texts one after the other
         */
        public Template(Encoding example, int[] textIds) {
            this.example = example;
            firstBegin = skip(textIds, 0, -1);
            firstEnd = skip(textIds, firstBegin, 0);
            secondBegin = skip(textIds, firstEnd, -1);
            secondEnd = skip(textIds, secondBegin, 1);
            if (firstBegin == firstEnd
                    || secondBegin == secondEnd
                    || skip(textIds, secondEnd, -1) < textIds.length) {
                throw new IllegalArgumentException("not two texts one after the other");
            }
        }

        private static int skip(int[] textIds, int from, int textId) {
            int i = from;
            while (i < textIds.length && textIds[i] == textId) {
                i++;
            }
            return i;
        }

        /** The number of special tokens. */
        int specialTokens() {
            return example.length() - (firstEnd - firstBegin) - (secondEnd - secondBegin);
        }

        /**
         * Puts two texts together.
         *
         * @param firstLength how many of the first text's tokens are used, from its first on
         * @param from the first token that is used of the second text
         * @param secondLength how many of them are used
         */
        TokenizedPair join(
                TokenizedText first,
                int firstLength,
                TokenizedText second,
                int from,
                int secondLength,
                boolean truncated) {
            int length = specialTokens() + firstLength + secondLength;
            var joined = Encoding.allocate(length, truncated);
            int begin = copy(joined, 0, example, 0, firstBegin);
            int end = copy(joined, begin, first.whole(), first.begin(), firstLength);
            int begin2 = copy(joined, end, example, firstEnd, secondBegin - firstEnd);
            int end2 = copy(joined, begin2, second.whole(), from, secondLength);
            copy(joined, end2, example, secondEnd, example.length() - secondEnd);
            Arrays.fill(joined.typeIds(), begin, end, example.typeIds()[firstBegin]);
            Arrays.fill(joined.typeIds(), begin2, end2, example.typeIds()[secondBegin]);
            return new TokenizedPair(first.text(), second.text(), joined, begin, end, begin2, end2);
        }

        private static int copy(Encoding target, int at, Encoding source, int from, int count) {
            target.set(at, source, from, from + count);
            return at + count;
        }
    }
}
