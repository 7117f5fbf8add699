package dev.mtl.core.tokenizer.huggingface;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.CloseGuard;
import dev.mtl.core.internal.Reasons;
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
import java.util.Objects;
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
    private final @Nullable NamedPrompt prompt;
    private final int promptLength;
    private final long padId;
    private final TokenizedPair.@Nullable Template pairTemplate;

    /** Closing frees native memory. */
    private final CloseGuard guard;

    private TextTokenizer(
            HuggingFaceTokenizer tokenizer,
            CloseGuard guard,
            int maxLength,
            @Nullable NamedPrompt prompt) {
        this.tokenizer = tokenizer;
        this.guard = guard;
        this.maxLength = maxLength;
        this.prompt = prompt;
        promptLength = prompt == null ? 0 : promptLength(prompt.text());
        if (prompt != null && promptLength + 2 > maxLength) {
            throw new ConfigurationException(
                    "max_length %d leaves no room for a text after the prompt '%s', which has %d tokens"
                            .formatted(maxLength, prompt.name(), promptLength));
        }
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
        return load(tokenizerJson, maxLength, null);
    }

    /**
     * The same with a prompt before every text.
     *
     * @param prompt null for none
     */
    public static TextTokenizer load(
            Path tokenizerJson, int maxLength, @Nullable NamedPrompt prompt) {
        if (maxLength < 3) {
            throw new IllegalArgumentException(
                    "maxLength " + maxLength + ": at least 3, [CLS] and [SEP] included");
        }
        if (!Files.isRegularFile(tokenizerJson)) {
            throw new MtlException(tokenizerJson + ": no such file");
        }
        BundledTokenizers.load();
        try {
            var json = TokenizerJson.read(tokenizerJson);
            if (json.specialTokens() >= maxLength) {
                throw new ConfigurationException(
                        "max_length %d leaves no room for a text beside %d special tokens"
                                .formatted(maxLength, json.specialTokens()));
            }
            var tokenizer = HuggingFaceTokenizer.newInstance(json.stream(), options(maxLength));
            return new TextTokenizer(tokenizer, new CloseGuard("tokenizer"), maxLength, prompt);
        } catch (ConfigurationException e) {
            throw e;
        } catch (IOException e) {
            throw new MtlException(tokenizerJson + ": cannot be read: " + Reasons.of(e), e);
        } catch (RuntimeException e) {
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

    /**
     * The same tokenizer with another prompt before every text; closing either closes both.
     *
     * @param other null for none
     * @throws ConfigurationException if the prompt leaves no room for a text
     */
    public TextTokenizer withPrompt(@Nullable NamedPrompt other) {
        return Objects.equals(other, prompt)
                ? this
                : guard.use(() -> new TextTokenizer(tokenizer, guard, maxLength, other));
    }

    /** The id of the padding token. */
    public long padId() {
        return padId;
    }

    /**
     * The id of the mask, such as [MASK].
     *
     * @throws ConfigurationException if the tokenizer has none
     */
    public long maskId() {
        return guard.use(
                () -> {
                    for (var name : List.of("[MASK]", "<mask>")) {
                        var ids = tokenizer.encode(name, false, false).getIds();
                        if (ids.length == 1) {
                            return ids[0];
                        }
                    }
                    throw new ConfigurationException(
                            "the model's tokenizer has no [MASK] or <mask>, which"
                                    + " masked-language-model needs");
                });
    }

    /** The most tokens of a text, special tokens included. */
    public int maxLength() {
        return maxLength;
    }

    /** What is put before every text; null for nothing. */
    public @Nullable NamedPrompt prompt() {
        return prompt;
    }

    /**
     * How many of the first tokens of a text belong to a prompt that it begins with: [CLS] and as
     * many as the prompt has alone, as in sentence-transformers.
     */
    public int promptLength(String text) {
        var alone = tokenizer.encode(WellFormed.of(text), true, false).getWordIds();
        boolean ended = alone[alone.length - 1] < 0; // by [SEP]
        return alone.length - (ended ? 1 : 0);
    }

    /** A text as the native library reads it. */
    private String input(String text) {
        return WellFormed.of(prompt == null ? text : prompt.text() + text);
    }

    private Encoding output(
            CodePointOffsets offsets, ai.djl.huggingface.tokenizers.Encoding encoded) {
        var encoding = convert(offsets, encoded);
        return prompt == null ? encoding : prompt.remove(encoding, promptLength);
    }

    /** The output for the beginning of a text that can count. */
    private Encoding output(
            String whole, String input, ai.djl.huggingface.tokenizers.Encoding encoded) {
        var encoding = output(new CodePointOffsets(input), encoded);
        return input.length() == whole.length() ? encoding : encoding.asTruncated();
    }

    /**
     * The tokens of a text, cut to {@link #maxLength}; an empty one has [CLS] and [SEP]. Of a very
     * long text only the beginning is tokenized.
     */
    public Encoding encode(String text) {
        var whole = input(text);
        var input = TextCap.cap(whole, maxLength);
        return output(whole, input, guard.use(() -> encode(input, true, false)));
    }

    /** The tokens of texts, in their order; each as {@link #encode} returns them. */
    public List<Encoding> encodeBatch(List<String> texts) {
        if (texts.isEmpty()) {
            return List.of();
        }
        var whole = texts.stream().map(this::input).toList();
        var inputs = whole.stream().map(text -> TextCap.cap(text, maxLength)).toList();
        var encoded = encodeAll(inputs, false);
        return IntStream.range(0, encoded.size())
                .mapToObj(i -> output(whole.get(i), inputs.get(i), encoded.get(i)))
                .toList();
    }

    /**
     * Encodes texts on all cores, each by a call of its own: where the native library cannot encode
     * a text, that call throws, and its call for a batch ends the process.
     */
    private List<ai.djl.huggingface.tokenizers.Encoding> encodeAll(
            List<String> inputs, boolean whole) {
        return guard.use(
                () -> inputs.parallelStream().map(input -> encode(input, true, whole)).toList());
    }

    private ai.djl.huggingface.tokenizers.Encoding encode(
            String input, boolean specialTokens, boolean whole) {
        if (whole) {
            TextCap.requireReadable(input);
        }
        try {
            return tokenizer.encode(input, specialTokens, whole);
        } catch (RuntimeException e) {
            throw new MtlException("the tokenizer cannot encode a text: " + e.getMessage(), e);
        }
    }

    /**
     * The tokens of a text in full, in windows of at most {@link #maxLength} tokens.
     *
     * @param promptLength how many of the text's first tokens are a prompt, [CLS] included: each
     *     window begins with them; 0 without a prompt
     */
    public List<TokenWindow> encodeInWindows(String text, int promptLength) {
        var input = input(text);
        var encoded = guard.use(() -> encode(input, true, true));
        return TokenWindow.of(parts(input, encoded), promptLength, maxLength);
    }

    /** The number of a text's tokens, special tokens not included, nothing cut. */
    public int countTokens(String text) {
        var encoded = guard.use(() -> encode(WellFormed.of(text), false, true));
        int count = encoded.getIds().length;
        for (var rest : encoded.getOverflowing()) {
            count += rest.getIds().length;
        }
        return count;
    }

    /**
     * All tokens of a text for people to look at, nothing cut.
     *
     * @param special whether the special tokens around a text are among them
     */
    public List<ShownToken> show(String text, boolean special) {
        var input = input(text);
        var shown = new ArrayList<ShownToken>();
        var frame = special ? guard.use(() -> tokenizer.encode("", true, false)) : null;
        if (frame != null && frame.getIds().length > 0) {
            shown.add(ShownToken.special(frame, 0));
        }
        var encoded = guard.use(() -> tokenizer.encode(input, false, true));
        var offsets = new CodePointOffsets(input);
        ShownToken.addAll(encoded, offsets, shown);
        for (var rest : encoded.getOverflowing()) {
            ShownToken.addAll(rest, offsets, shown);
        }
        for (int i = 1; frame != null && i < frame.getIds().length; i++) {
            shown.add(ShownToken.special(frame, i));
        }
        return shown;
    }

    /**
     * The text of tokens; ids that the vocabulary lacks are left out.
     *
     * @param ids from 0
     */
    public String decode(long[] ids, boolean skipSpecialTokens) {
        return guard.use(() -> tokenizer.decode(ids, skipSpecialTokens));
    }

    /** Tokenizes a text in full and finds the tokens of its words. */
    public TokenizedText tokenize(PreTokenizedText text) {
        var input = input(text.text());
        return tokenized(text, input, guard.use(() -> encode(input, true, true)));
    }

    /** Tokenizes texts, in their order; each as {@link #tokenize(PreTokenizedText)} does. */
    public List<TokenizedText> tokenize(List<PreTokenizedText> texts) {
        if (texts.size() == 1) {
            return List.of(tokenize(texts.getFirst()));
        }
        var tokenized = new ArrayList<TokenizedText>(texts.size());
        for (int from = 0; from < texts.size(); from += CHUNK) {
            var chunk = texts.subList(from, Math.min(texts.size(), from + CHUNK));
            var inputs = chunk.stream().map(text -> input(text.text())).toList();
            var encoded = encodeAll(inputs, true);
            for (int i = 0; i < encoded.size(); i++) {
                tokenized.add(tokenized(chunk.get(i), inputs.get(i), encoded.get(i)));
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
            PreTokenizedText text, String input, ai.djl.huggingface.tokenizers.Encoding encoded) {
        return TokenizedText.of(text, parts(input, encoded), maxLength, pairTemplate);
    }

    /** What the tokenizer cuts a text into. */
    private List<Encoding> parts(String input, ai.djl.huggingface.tokenizers.Encoding encoded) {
        var offsets = new CodePointOffsets(input);
        var parts = new ArrayList<Encoding>();
        parts.add(output(offsets, encoded));
        for (var rest : encoded.getOverflowing()) {
            parts.add(output(offsets, rest));
        }
        return parts;
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

    /** Waits until other threads have finished encoding; a second call does nothing. */
    @Override
    public void close() {
        guard.close(tokenizer::close);
    }
}
