package dev.mtl.heads.token;

import java.util.ArrayList;
import java.util.List;

/**
 * Entities in sequences of tags, by the rules of {@code conlleval.pl} (Tjong Kim Sang, Buchholz
 * 2000), which reads BIO, IOB1 and IOBES alike: an entity begins at B- and S-, at any tag of
 * another type than the one before, and at I- or E- after O.
 */
public final class Spans {
    /** The tag of a word that is in no entity. */
    public static final String OUTSIDE = "O";

    private Spans() {}

    /**
     * An entity.
     *
     * @param type what follows the dash in its tags
     * @param start its first word
     * @param end the word after its last one
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

    private static char prefix(String tag) {
        return tag.isEmpty() ? 'O' : tag.charAt(0);
    }

    private static String type(String tag) {
        int dash = tag.indexOf('-');
        return dash < 0 ? "" : tag.substring(dash + 1);
    }

    /**
     * Whether an entity that is open at the word before is over at this one: conlleval's endOfChunk
     * and startOfChunk.
     */
    private static boolean ends(char before, char now, String typeBefore, String type) {
        return now == 'O'
                || now == 'B'
                || now == 'S'
                || before == 'E'
                || before == 'S'
                || !type.equals(typeBefore);
    }
}
