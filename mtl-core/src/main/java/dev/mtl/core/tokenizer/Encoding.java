package dev.mtl.core.tokenizer;

/**
 * The tokens of one text, [CLS] and [SEP] included, without padding. All arrays have the same
 * length and must not be changed.
 *
 * @param ids rows of the word embedding table
 * @param typeIds segment of each token
 * @param wordIds the word that each token is a piece of, -1 for special tokens
 * @param starts UTF-16 offset of each token's first character; in the word if words were encoded; 0
 *     for special tokens
 * @param ends UTF-16 offset after each token's last character
 * @param truncated whether tokens were cut off
 */
public record Encoding(
        long[] ids, long[] typeIds, int[] wordIds, int[] starts, int[] ends, boolean truncated) {

    /** The number of tokens. */
    public int length() {
        return ids.length;
    }
}
