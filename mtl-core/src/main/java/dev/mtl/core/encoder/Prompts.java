package dev.mtl.core.encoder;

import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a model puts before texts.
 *
 * @param usual before texts that nothing else is said about
 * @param query before texts that are searched for
 * @param document before texts that are searched
 */
record Prompts(Prompt usual, Prompt query, Prompt document) {

    /**
     * The prompts of a model.
     *
     * @throws dev.mtl.core.ConfigurationException if {@code options} name a prompt that the model
     *     does not have
     */
    static Prompts of(SentenceConfig config, EncoderOptions options, TextTokenizer tokenizer) {
        return new Prompts(
                Prompt.of(usual(config, options), tokenizer),
                Prompt.of(named(config, SentenceConfig.QUERY), tokenizer),
                Prompt.of(named(config, SentenceConfig.DOCUMENT), tokenizer));
    }

    private static @Nullable String usual(SentenceConfig config, EncoderOptions options) {
        if (options.prompt() != null) {
            return options.prompt();
        }
        var name = options.promptName();
        return named(config, name == null ? config.defaultPromptName() : name);
    }

    private static @Nullable String named(SentenceConfig config, @Nullable String name) {
        return name == null ? null : config.prompt(name);
    }

    /**
     * A text before a text.
     *
     * @param text empty for none
     * @param tokens how many of a text's first tokens belong to it, [CLS] included; 0 for none
     */
    record Prompt(String text, int tokens) {
        private static final Prompt NONE = new Prompt("", 0);

        private static Prompt of(@Nullable String text, TextTokenizer tokenizer) {
            return text == null || text.isEmpty()
                    ? NONE
                    : new Prompt(text, tokenizer.promptLength(text));
        }

        /** The tokens of texts with this prompt before each. */
        List<Encoding> encode(List<String> texts, TextTokenizer tokenizer) {
            if (text.isEmpty()) {
                // The batch call wakes a thread pool, which costs more than tokenizing one text.
                return texts.size() == 1
                        ? List.of(tokenizer.encode(texts.getFirst()))
                        : tokenizer.encodeBatch(texts);
            }
            var prompted = texts.stream().map(each -> text + each).toList();
            return NONE.encode(prompted, tokenizer).stream()
                    .map(encoding -> encoding.withPromptLength(tokens))
                    .toList();
        }
    }
}
