package dev.mtl.core.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import dev.mtl.core.MtlException;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A Hugging Face tokenizer: its {@code tokenizer.json} says how, this class how long. What the file
 * itself says of truncation and padding is not used: texts are cut to {@code maxLength} tokens and
 * never padded. Any number of threads may use it at once.
 */
public final class TextTokenizer implements AutoCloseable {
    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    private final int maxLength;
    private final long padId;

    /** Encoding shares it, closing does not: the native side frees memory that others may read. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean closed;

    /** For words, made when first needed; often {@link #tokenizer} itself. */
    private @Nullable HuggingFaceTokenizer ofWords;

    private TextTokenizer(Path file, HuggingFaceTokenizer tokenizer, int maxLength, long padId) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.padId = padId;
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
            return new TextTokenizer(tokenizerJson, tokenizer, maxLength, padId(tokenizer));
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

    /** BERT's name of the padding or RoBERTa's; nothing depends on it, padding is masked. */
    private static long padId(HuggingFaceTokenizer tokenizer) {
        for (var name : List.of("[PAD]", "<pad>")) {
            var ids = tokenizer.encode(name, false, false).getIds();
            if (ids.length == 1) {
                return ids[0];
            }
        }
        return 0;
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
        var encoded = whileOpen(() -> tokenizer.encode(wellFormed(text), true, false));
        return ofText(text, encoded);
    }

    /** The tokens of texts, in their order; each as {@link #encode} gives them. */
    public List<Encoding> encodeBatch(List<String> texts) {
        if (texts.isEmpty()) {
            return List.of();
        }
        var wellFormed = texts.stream().map(TextTokenizer::wellFormed).toList();
        var encoded = whileOpen(() -> tokenizer.batchEncode(wellFormed, true, false));
        return IntStream.range(0, encoded.length)
                .mapToObj(i -> ofText(texts.get(i), encoded[i]))
                .toList();
    }

    /**
     * The tokens of words; word ids are their positions, offsets are within each word. A word
     * without any piece (white space, zero-width characters, U+FFFD) has no token. Where a piece
     * says whether a space comes before it, as RoBERTa's do, each word is one after a space.
     */
    public Encoding encodeWords(List<String> words) {
        if (words.isEmpty()) {
            return encode("");
        }
        var wellFormed = words.stream().map(TextTokenizer::wellFormed).toList();
        var encoded = whileOpen(() -> ofWords().encode(wellFormed, true, false));
        var offsets = new HashMap<Integer, CodePointOffsets>();
        return convert(
                word -> offsets.computeIfAbsent(word, w -> new CodePointOffsets(words.get(w))),
                encoded);
    }

    /** How many tokens each word has, also beyond {@link #maxLength}. */
    public int[] tokensOfWords(List<String> words) {
        var counts = new int[words.size()];
        if (words.isEmpty()) {
            return counts;
        }
        var wellFormed = words.stream().map(TextTokenizer::wellFormed).toList();
        var encoded = whileOpen(() -> ofWords().encode(wellFormed, true, true));
        count(encoded, counts);
        for (var rest : encoded.getOverflowing()) {
            count(rest, counts);
        }
        return counts;
    }

    private static void count(ai.djl.huggingface.tokenizers.Encoding encoded, int[] counts) {
        for (long word : encoded.getWordIds()) {
            if (word >= 0) {
                counts[Math.toIntExact(word)]++;
            }
        }
    }

    private synchronized HuggingFaceTokenizer ofWords() {
        if (ofWords == null) {
            try {
                var spaced = WordSpaces.added(file);
                ofWords =
                        spaced == null
                                ? tokenizer
                                : HuggingFaceTokenizer.newInstance(
                                        new ByteArrayInputStream(spaced), options(maxLength));
            } catch (IOException | RuntimeException e) {
                throw new MtlException(
                        file + ": cannot be read once more, for words: " + e.getMessage(), e);
            }
        }
        return ofWords;
    }

    private <T> T whileOpen(Supplier<T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("this tokenizer is closed");
            }
            return work.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    private static Encoding ofText(String text, ai.djl.huggingface.tokenizers.Encoding encoded) {
        var offsets = new CodePointOffsets(text);
        return convert(word -> offsets, encoded);
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

    /** Waits for what other threads are encoding; closing twice does nothing. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            closed = true;
            tokenizer.close();
            if (ofWords != null && ofWords != tokenizer) {
                ofWords.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
