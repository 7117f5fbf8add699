package dev.mtl.core.tokenizer.huggingface;

import dev.mtl.core.tokenizer.Encoding;

/**
 * A text that a tokenizer puts before every text that it reads. Its tokens belong to no word, as
 * those of [CLS]; the offsets of all others are those in the text itself.
 *
 * @param name by which the model knows it
 * @param text not empty
 */
public record NamedPrompt(String name, String text) {

    /**
     * The tokens of a text, found in those of the prompt and the text.
     *
     * @param encoding with offsets into the prompt and the text together
     * @param tokens how many of the first tokens belong to the prompt, [CLS] included
     */
    Encoding remove(Encoding encoding, int tokens) {
        int prompt = text.length();
        var words = encoding.wordIds().clone();
        var starts = encoding.starts().clone();
        var ends = encoding.ends().clone();
        for (int i = 0; i < words.length; i++) {
            if (ends[i] <= prompt) {
                words[i] = -1;
            }
            starts[i] = Math.max(0, starts[i] - prompt);
            ends[i] = Math.max(0, ends[i] - prompt);
        }
        return new Encoding(
                encoding.ids(),
                encoding.typeIds(),
                words,
                starts,
                ends,
                encoding.truncated(),
                tokens);
    }
}
