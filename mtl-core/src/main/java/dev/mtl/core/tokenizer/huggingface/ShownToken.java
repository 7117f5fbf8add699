package dev.mtl.core.tokenizer.huggingface;

import ai.djl.huggingface.tokenizers.Encoding;

import java.util.List;

/**
 * A token for people to look at.
 *
 * @param id in the vocabulary
 * @param token as the vocabulary has it, such as {@code ##ing}
 * @param special whether the tokenizer added it, as [CLS]
 * @param start UTF-16 offset of its first character in the text, its prompt included; 0 if special
 * @param end UTF-16 offset after its last character; 0 if special
 */
public record ShownToken(long id, String token, boolean special, int start, int end) {
    static ShownToken special(Encoding encoding, int index) {
        return new ShownToken(encoding.getIds()[index], encoding.getTokens()[index], true, 0, 0);
    }

    static void addAll(Encoding encoding, CodePointOffsets offsets, List<ShownToken> to) {
        var ids = encoding.getIds();
        var tokens = encoding.getTokens();
        var spans = encoding.getCharTokenSpans();
        for (int i = 0; i < ids.length; i++) {
            int start = spans[i] == null ? 0 : offsets.utf16(spans[i].getStart());
            int end = spans[i] == null ? 0 : offsets.utf16(spans[i].getEnd());
            to.add(new ShownToken(ids[i], tokens[i], false, start, end));
        }
    }
}
