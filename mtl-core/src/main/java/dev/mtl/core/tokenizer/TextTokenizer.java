package dev.mtl.core.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * A Hugging Face tokenizer: its {@code tokenizer.json} says how, this class how long. What the file
 * itself says of truncation and padding is not used: texts are cut to {@code maxLength} tokens and
 * never padded. Any number of threads may use it at once.
 */
public final class TextTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;
    private final int maxLength;
    private final long padId;

    private TextTokenizer(HuggingFaceTokenizer tokenizer, int maxLength, long padId) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.padId = padId;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param maxLength the most tokens of a text, [CLS] and [SEP] included
     */
    public static TextTokenizer load(Path tokenizerJson, int maxLength) {
        useBundledNatives();
        try {
            var tokenizer =
                    HuggingFaceTokenizer.newInstance(
                            tokenizerJson,
                            Map.of(
                                    "padding",
                                    "false",
                                    "truncation",
                                    "true",
                                    "maxLength",
                                    String.valueOf(maxLength),
                                    "modelMaxLength",
                                    String.valueOf(maxLength)));
            var pad = tokenizer.encode("[PAD]", false, false).getIds();
            return new TextTokenizer(tokenizer, maxLength, pad.length == 1 ? pad[0] : 0);
        } catch (IOException | RuntimeException e) {
            throw new MtlException(
                    tokenizerJson + ": is not a tokenizer that can be read: " + e.getMessage(), e);
        }
    }

    /**
     * On a machine with CUDA, DJL would download natives built for it; the CPU's are in its jar.
     */
    static void useBundledNatives() {
        if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
    }

    /** The id that fills rows of a batch up. */
    public long padId() {
        return padId;
    }

    /** The most tokens of a text. */
    public int maxLength() {
        return maxLength;
    }

    /** The tokens of a text; an empty one has [CLS] and [SEP]. */
    public Encoding encode(String text) {
        var offsets = new CodePointOffsets(text);
        return convert(word -> offsets, tokenizer.encode(wellFormed(text), true, false));
    }

    /** The tokens of texts, in their order. */
    public List<Encoding> encodeBatch(List<String> texts) {
        if (texts.isEmpty()) {
            return List.of();
        }
        var encoded =
                tokenizer.batchEncode(
                        texts.stream().map(TextTokenizer::wellFormed).toList(), true, false);
        var encodings = new Encoding[encoded.length];
        for (int i = 0; i < encoded.length; i++) {
            var offsets = new CodePointOffsets(texts.get(i));
            encodings[i] = convert(word -> offsets, encoded[i]);
        }
        return List.of(encodings);
    }

    /** The tokens of words; word ids are their positions. A word without any piece has no token. */
    public Encoding encodeWords(List<String> words) {
        if (words.isEmpty()) {
            return encode("");
        }
        var encoded =
                tokenizer.encode(
                        words.stream().map(TextTokenizer::wellFormed).toList(), true, false);
        return convert(word -> new CodePointOffsets(words.get(word)), encoded);
    }

    private static Encoding convert(
            IntFunction<CodePointOffsets> offsetsOfWord,
            ai.djl.huggingface.tokenizers.Encoding encoded) {
        var ids = encoded.getIds();
        var wordIds = Arrays.stream(encoded.getWordIds()).mapToInt(Math::toIntExact).toArray();
        var starts = new int[ids.length];
        var ends = new int[ids.length];
        var spans = encoded.getCharTokenSpans();
        for (int i = 0; i < ids.length; i++) {
            if (wordIds[i] >= 0 && spans[i] != null) {
                var offsets = offsetsOfWord.apply(wordIds[i]);
                starts[i] = offsets.utf16(spans[i].getStart());
                ends[i] = offsets.utf16(spans[i].getEnd());
            }
        }
        return new Encoding(
                ids, encoded.getTypeIds(), wordIds, starts, ends, encoded.exceedMaxLength());
    }

    /** The native side reads well-formed Unicode only: half a surrogate pair becomes U+FFFD. */
    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaceUnpaired(text);
            }
        }
        return text;
    }

    private static String replaceUnpaired(String text) {
        var fixed = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(fixed::appendCodePoint);
        return fixed.toString();
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    /**
     * The tokenizer counts code points, Java's strings UTF-16 units; they differ after an emoji.
     */
    private static final class CodePointOffsets {
        private final int @org.jspecify.annotations.Nullable [] units;

        CodePointOffsets(String text) {
            int points = text.codePointCount(0, text.length());
            if (points == text.length()) {
                units = null;
                return;
            }
            units = new int[points + 1];
            for (int point = 0, unit = 0; point < points; point++) {
                units[point] = unit;
                unit += Character.charCount(text.codePointAt(unit));
            }
            units[points] = text.length();
        }

        int utf16(int codePoint) {
            return units == null ? codePoint : units[Math.min(codePoint, units.length - 1)];
        }
    }
}
