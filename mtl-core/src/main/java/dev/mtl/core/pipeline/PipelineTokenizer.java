package dev.mtl.core.pipeline;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.tokenizer.huggingface.NamedPrompt;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;

/** How a pipeline reads texts. Thread-safe; usable until the pipeline is closed. */
public final class PipelineTokenizer {
    private final TextTokenizer own;
    private final SentenceConfig config;
    private final Map<String, TextTokenizer> byPrompt = new ConcurrentHashMap<>();

    /**
     * A token of a text.
     *
     * @param id in the vocabulary
     * @param text the characters of the text that it stands for; a special token's name
     * @param special whether the tokenizer added it, as [CLS]
     * @param start UTF-16 offset of its first character in the prompt and the text; 0 if special
     * @param end UTF-16 offset after its last character; 0 if special
     */
    public record Token(long id, String text, boolean special, int start, int end) {}

    /**
     * @param own closed by the pipeline
     */
    PipelineTokenizer(TextTokenizer own, SentenceConfig config) {
        this.own = own;
        this.config = config;
    }

    /** The tokenizer with a prompt; null for the model's own. */
    TextTokenizer with(@Nullable String prompt) {
        if (prompt == null) {
            return own;
        }
        var text = config.prompt(prompt);
        return byPrompt.computeIfAbsent(
                prompt,
                name -> own.withPrompt(text.isEmpty() ? null : new NamedPrompt(name, text)));
    }

    /** Splits the texts of examples into words. */
    static List<List<PreTokenizedText>> split(List<List<String>> examples) {
        return examples.stream()
                .map(example -> example.stream().map(PreTokenizedText::of).toList())
                .toList();
    }

    /** The number of tokens of all texts. */
    static int count(List<List<TokenizedText>> examples) {
        return examples.stream()
                .flatMap(List::stream)
                .mapToInt(text -> text.encoding().length())
                .sum();
    }

    /** The names of the model's prompts, {@code query} and {@code document} always among them. */
    public SequencedSet<String> prompts() {
        return config.prompts().sequencedKeySet();
    }

    /**
     * All tokens of a text, nothing cut.
     *
     * @param special whether the special tokens around it are among them
     * @param prompt the name of the prompt before it; null for the model's own, if there is one
     * @throws ConfigurationException if there is no such prompt
     */
    public List<Token> tokenize(String text, boolean special, @Nullable String prompt) {
        var read = prompted(text, prompt);
        return with(prompt).show(text, special).stream()
                .map(
                        token ->
                                new Token(
                                        token.id(),
                                        token.special()
                                                ? token.token()
                                                : read.substring(token.start(), token.end()),
                                        token.special(),
                                        token.start(),
                                        token.end()))
                .toList();
    }

    /**
     * A text with the prompt before it.
     *
     * @param prompt as in {@link #tokenize}
     */
    public String prompted(String text, @Nullable String prompt) {
        var before = with(prompt).prompt();
        return before == null ? text : before.text() + text;
    }

    /**
     * The number of tokens of a text, prompt and special tokens included, nothing cut.
     *
     * @param prompt as in {@link #tokenize}
     */
    public int count(String text, @Nullable String prompt) {
        return with(prompt).show(text, true).size();
    }

    /**
     * The end of a text that the model can read in full; all of a text that is short enough.
     *
     * @param prompt as in {@link #tokenize}
     */
    public String end(String text, @Nullable String prompt) {
        int room = own.maxLength() - count("", prompt);
        var tokens = own.withPrompt(null).show(text, false);
        return tokens.size() <= room
                ? text
                : text.substring(tokens.get(tokens.size() - room).start());
    }

    /**
     * The text of tokens.
     *
     * @param ids of the vocabulary; those that it lacks are left out
     * @param skipSpecial whether special tokens are left out
     * @throws ConfigurationException if an id is below 0 or above 2^32 - 1
     */
    public String decode(long[] ids, boolean skipSpecial) {
        if (Arrays.stream(ids).anyMatch(id -> id < 0 || id > 0xFFFF_FFFFL)) {
            throw new ConfigurationException("token ids are integers from 0 to 4294967295");
        }
        return own.decode(ids, skipSpecial);
    }
}
