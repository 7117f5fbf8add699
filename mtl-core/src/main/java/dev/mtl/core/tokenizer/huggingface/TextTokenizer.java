package dev.mtl.core.tokenizer.huggingface;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.CloseGuard;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Hugging Face tokenizer. Truncation and padding of its {@code tokenizer.json} are ignored: texts
 * are cut to {@code maxLength} tokens and never padded. It always reads the text as the user wrote
 * it, whether words are known or not. Any number of threads may use it at once.
 */
public final class TextTokenizer implements AutoCloseable {
    /** Texts of one call to the native library, which holds the tokens of all of them at once. */
    private static final int CHUNK = 1024;

    private final HuggingFaceTokenizer tokenizer;
    private final int maxLength;
    private final long padId;
    private final TokenizedPair.@Nullable Template pairTemplate;

    /** Closing frees native memory. */
    private final CloseGuard guard = new CloseGuard("tokenizer");

    private TextTokenizer(HuggingFaceTokenizer tokenizer, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.padId = padId(tokenizer);
        this.pairTemplate = pairTemplate(tokenizer);
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param maxLength the most tokens of a text, [CLS] and [SEP] included; at least 3
     * @throws MtlException if the file is not one that can be used
     */
    public static TextTokenizer load(Path tokenizerJson, int maxLength) {
        if (maxLength < 3) {
            throw new IllegalArgumentException(
                    "maxLength " + maxLength + ": at least 3, [CLS] and [SEP] included");
        }
        if (!Files.isRegularFile(tokenizerJson)) {
            throw new MtlException(tokenizerJson + ": no such file");
        }
        BundledTokenizers.load();
        try {
            var tokenizer = HuggingFaceTokenizer.newInstance(tokenizerJson, options(maxLength));
            return new TextTokenizer(tokenizer, maxLength);
        } catch (IOException | RuntimeException e) {
            throw new MtlException(
                    tokenizerJson + ": is not a tokenizer that can be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> options(int maxLength) {
        return Map.of(
                "padding",
                "false",
                "truncation",
                "true",
                "maxLength",
                String.valueOf(maxLength),
                "modelMaxLength",
                String.valueOf(maxLength),
                "stride",
                "0",
                "padToMultipleOf",
                "0");
    }

    /** The id of BERT's or RoBERTa's padding token, else 0: padding is masked in any case. */
    private static long padId(HuggingFaceTokenizer tokenizer) {
        for (var name : List.of("[PAD]", "<pad>")) {
            var ids = tokenizer.encode(name, false, false).getIds();
            if (ids.length == 1) {
                return ids[0];
            }
        }
        return 0;
    }

    /** Two texts of one token; null if the tokenizer does not put texts together. */
    private static TokenizedPair.@Nullable Template pairTemplate(HuggingFaceTokenizer tokenizer) {
        try {
            var pair = tokenizer.encode("a", "a", true, false);
            var textIds = Arrays.stream(pair.getSequenceIds()).mapToInt(Math::toIntExact).toArray();
            return new TokenizedPair.Template(convert(new CodePointOffsets("a"), pair), textIds);
        } catch (RuntimeException e) {
            return null; // or the maximum length has no room for two texts
        }
    }

    /** The id of the padding token. */
    public long padId() {
        return padId;
    }

    /** The most tokens of a text, special tokens included. */
    public int maxLength() {
        return maxLength;
    }

    /** The tokens of a text, cut to {@link #maxLength}; an empty one has [CLS] and [SEP]. */
    public Encoding encode(String text) {
        var encoded = guard.use(() -> tokenizer.encode(wellFormed(text), true, false));
        return convert(new CodePointOffsets(text), encoded);
    }

    /** The tokens of texts, in their order; each as {@link #encode} returns them. */
    public List<Encoding> encodeBatch(List<String> texts) {
        if (texts.isEmpty()) {
            return List.of();
        }
        var wellFormed = texts.stream().map(TextTokenizer::wellFormed).toList();
        var encoded = guard.use(() -> tokenizer.batchEncode(wellFormed, true, false));
        return IntStream.range(0, encoded.length)
                .mapToObj(i -> convert(new CodePointOffsets(texts.get(i)), encoded[i]))
                .toList();
    }

    /** Tokenizes a text in full and finds the tokens of its words. */
    public TokenizedText tokenize(PreTokenizedText text) {
        var encoded = guard.use(() -> tokenizer.encode(wellFormed(text.text()), true, true));
        return tokenized(text, encoded);
    }

    /** Tokenizes texts, in their order; each as {@link #tokenize(PreTokenizedText)} does. */
    public List<TokenizedText> tokenize(List<PreTokenizedText> texts) {
        if (texts.size() == 1) {
            return List.of(tokenize(texts.getFirst()));
        }
        var tokenized = new ArrayList<TokenizedText>(texts.size());
        for (int from = 0; from < texts.size(); from += CHUNK) {
            var chunk = texts.subList(from, Math.min(texts.size(), from + CHUNK));
            var wellFormed = chunk.stream().map(text -> wellFormed(text.text())).toList();
            var encoded = guard.use(() -> tokenizer.batchEncode(wellFormed, true, true));
            for (int i = 0; i < encoded.length; i++) {
                tokenized.add(tokenized(chunk.get(i), encoded[i]));
            }
        }
        return tokenized;
    }

    /** Tokenizes examples of several texts each. */
    public List<List<TokenizedText>> tokenizeExamples(List<List<PreTokenizedText>> examples) {
        var texts = tokenize(examples.stream().flatMap(List::stream).toList()).iterator();
        return examples.stream()
                .map(example -> Stream.generate(texts::next).limit(example.size()).toList())
                .toList();
    }

    private TokenizedText tokenized(
            PreTokenizedText text, ai.djl.huggingface.tokenizers.Encoding encoded) {
        var offsets = new CodePointOffsets(text.text());
        var parts = new ArrayList<Encoding>();
        parts.add(convert(offsets, encoded));
        for (var rest : encoded.getOverflowing()) {
            parts.add(convert(offsets, rest));
        }
        return TokenizedText.of(text, parts, maxLength, pairTemplate);
    }

    private static Encoding convert(
            CodePointOffsets offsets, ai.djl.huggingface.tokenizers.Encoding encoded) {
        var ids = encoded.getIds();
        var wordIds = Arrays.stream(encoded.getWordIds()).mapToInt(Math::toIntExact).toArray();
        var starts = new int[ids.length];
        var ends = new int[ids.length];
        var spans = encoded.getCharTokenSpans();
        for (int i = 0; i < ids.length; i++) {
            if (wordIds[i] >= 0 && spans[i] != null) {
                starts[i] = offsets.utf16(spans[i].getStart());
                ends[i] = offsets.utf16(spans[i].getEnd());
            }
        }
        return new Encoding(
                ids, encoded.getTypeIds(), wordIds, starts, ends, encoded.exceedMaxLength());
    }

    /** The native library takes well-formed Unicode only: unpaired surrogates become U+FFFD. */
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

    /** Waits until other threads have finished encoding; a second call does nothing. */
    @Override
    public void close() {
        guard.close(tokenizer::close);
    }
}
