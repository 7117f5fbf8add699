package dev.mtl.core.tokenizer.huggingface;

import dev.mtl.core.MtlException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * The table of SentencePiece's normalizer: a trie as a double array of units, and the texts that
 * its leaves point into. The native library follows units and offsets without looking where they
 * lead.
 *
 * @param units the trie
 * @param texts UTF-8, each text ended by 0
 */
record CharsMap(int[] units, byte[] texts) {
    private static final int LEAF = 1 << 8;

    /** The longest replacement known has 33 bytes. */
    private static final int MAX_TEXT = 256;

    /**
     * Checks a {@code precompiled_charsmap}.
     *
     * @return bytes of the longest text that a character is replaced by
     * @throws MtlException if it is damaged
     */
    static int longest(JsonValue value) {
        try {
            var table = read(Base64.getDecoder().decode(value.string()));
            return table.longest();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw value.fault("it is damaged: " + e.getMessage());
        }
    }

    private static CharsMap read(byte[] bytes) throws CharacterCodingException {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < 8) {
            throw new IllegalArgumentException("it is too short");
        }
        int size = buffer.getInt();
        if (size < 4 || size % 4 != 0 || size > buffer.remaining()) {
            throw new IllegalArgumentException("its trie has " + size + " bytes");
        }
        var units = new int[size / 4];
        buffer.asIntBuffer().get(units);
        buffer.position(4 + size);
        var texts = new byte[buffer.remaining()];
        buffer.get(texts);
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
        return new CharsMap(units, texts);
    }

    /** Visits every unit that a text can lead to. */
    private int longest() {
        int longest = 0;
        var seen = new BitSet(units.length);
        var open = new ArrayDeque<Integer>();
        open.add(offset(units[0]));
        while (!open.isEmpty()) {
            int node = open.remove();
            requireUnit(node | 0xFF);
            for (int c = 1; c < 256; c++) {
                int at = node ^ c;
                int unit = units[at];
                if ((unit & 0x800000FF) != c || seen.get(at)) {
                    continue;
                }
                seen.set(at);
                int next = at ^ offset(unit);
                if ((unit & LEAF) != 0) {
                    requireUnit(next);
                    longest = Math.max(longest, text(units[next] & Integer.MAX_VALUE));
                }
                open.add(next);
            }
        }
        return longest;
    }

    private void requireUnit(int index) {
        if (index < 0 || index >= units.length) {
            throw new IllegalArgumentException("its trie leads to unit " + index);
        }
    }

    /** The length of the text that begins at an offset. */
    private int text(int from) {
        if (from >= texts.length || (texts[from] & 0xC0) == 0x80) {
            throw new IllegalArgumentException("a leaf points to offset " + from);
        }
        int to = from;
        while (to < texts.length && texts[to] != 0) {
            to++;
        }
        if (to - from > MAX_TEXT) {
            throw new IllegalArgumentException("a text has " + (to - from) + " bytes");
        }
        return to - from;
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
    }
}
