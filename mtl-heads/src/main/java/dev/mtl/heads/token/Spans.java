package dev.mtl.heads.token;

import java.util.ArrayList;
import java.util.List;

/**
 * Entities in sequences of tags, by the rules of {@code conlleval.pl} (Tjong Kim Sang, Buchholz
 * 2000), which reads BIO, IOB1 and IOBES: an entity begins at B- and S-, at any tag of another type
 * than the one before, and at I- or E- after O. A tag without a prefix, such as a part of speech,
 * is the type of a single word, as with {@code conlleval.pl -r}: the F1 of such tags is their
 * accuracy.
 */
final class Spans {
    /** The tag of a word that is in no entity. */
    public static final String OUTSIDE = "O";

    private static final String PREFIXES = "BIESLUM";

    /** Stands for the prefix of a tag without one: each word is an entity. */
    private static final char ALONE = 'S';

    private Spans() {}

    /**
     * An entity.
     *
     * @param type its tags without their prefix
     * @param start index of its first word
     * @param end index after its last word
     */
    public record Span(String type, int start, int end) {}

    /** The entities of a sequence, in order. */
    public static List<Span> of(List<String> tags) {
        var spans = new ArrayList<Span>();
        int start = -1;
        char lastPrefix = 'O';
        String lastType = "";
        for (int i = 0; i <= tags.size(); i++) {
            var tag = i < tags.size() ? tags.get(i) : OUTSIDE;
            char prefix = prefix(tag);
            var type = type(tag);
            if (start >= 0 && ends(lastPrefix, prefix, lastType, type)) {
                spans.add(new Span(lastType, start, i));
                start = -1;
            }
            if (start < 0 && prefix != 'O') {
                start = i;
            }
            lastPrefix = prefix;
            lastType = type;
        }
        return spans;
    }

    /** Whether a tag is a prefix and a type: {@code art-painting} is a type alone. */
    private static boolean hasPrefix(String tag) {
        return tag.length() > 2 && tag.charAt(1) == '-' && PREFIXES.indexOf(tag.charAt(0)) >= 0;
    }

    private static char prefix(String tag) {
        return tag.equals(OUTSIDE) ? 'O' : hasPrefix(tag) ? tag.charAt(0) : ALONE;
    }

    /** The type of a tag's entity; empty for {@code O}. */
    static String type(String tag) {
        return tag.equals(OUTSIDE) ? "" : hasPrefix(tag) ? tag.substring(2) : tag;
    }

    /**
     * Whether the entity of the word before ends there: conlleval's endOfChunk and startOfChunk.
     */
    private static boolean ends(char before, char now, String typeBefore, String type) {
        return now == 'O'
                || "BSU".indexOf(now) >= 0
                || "ESLU".indexOf(before) >= 0
                || !type.equals(typeBefore);
    }
}
