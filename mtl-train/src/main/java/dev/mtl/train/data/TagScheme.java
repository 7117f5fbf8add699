package dev.mtl.train.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How a file's tags say where entities begin and end. Whatever they say, tasks learn BIO2: {@code
 * B-} begins every entity, {@code I-} goes on with it.
 */
public enum TagScheme {
    /** B- begins every entity. */
    BIO2,
    /** B- begins only those that follow another of their own type; all others begin by I-. */
    IOB1,
    /** E- ends an entity, S- is one of a single word; M- may stand for I-. */
    IOBES,
    /** L- ends an entity, U- is one of a single word. */
    BILOU,
    /** A type without a prefix, and O: neighbours of one type are one entity. */
    IO,
    /** Tags of single words, such as parts of speech: no prefix, no O; they stay as they are. */
    NONE;

    static final String OUTSIDE = "O";

    private static final Pattern TAG = Pattern.compile("[BIESLUM]-.+", Pattern.DOTALL);

    /** The scheme of a whole file: one sentence alone seldom shows it. */
    public static TagScheme of(Collection<List<String>> sentences) {
        boolean chunks = false;
        boolean outside = false;
        boolean types = false;
        boolean plainBegin = false;
        boolean insideBegin = false;
        for (var tags : sentences) {
            var before = OUTSIDE;
            for (var tag : tags) {
                outside |= tag.equals(OUTSIDE);
                types |= !tag.equals(OUTSIDE);
                if (isTag(tag)) {
                    chunks = true;
                    switch (tag.charAt(0)) {
                        case 'E', 'S', 'M' -> {
                            return IOBES;
                        }
                        case 'L', 'U' -> {
                            return BILOU;
                        }
                        case 'B' -> plainBegin |= !type(before).equals(type(tag));
                        default -> insideBegin |= !type(before).equals(type(tag));
                    }
                }
                before = tag;
            }
        }
        if (!chunks) {
            return outside && types ? IO : NONE;
        }
        return insideBegin && !plainBegin ? IOB1 : BIO2;
    }

    /** Whether a tag is one of a scheme's: O, or a prefix and a type. */
    public boolean allows(String tag) {
        return this == NONE || this == IO || tag.equals(OUTSIDE) || isTag(tag);
    }

    /**
     * Says the same in BIO2, of whole entities by the rules of {@code conlleval.pl}: one begins at
     * B-, S- and U-, after E-, S-, L- and U-, and wherever the type changes. Tags without prefixes
     * are taken for I- of their type.
     */
    public List<String> toBio2(List<String> tags) {
        if (this == NONE) {
            return tags;
        }
        var bio2 = new ArrayList<String>(tags.size());
        var before = OUTSIDE;
        for (var written : tags) {
            var tag = this == IO && !written.equals(OUTSIDE) ? "I-" + written : written;
            bio2.add(tag.equals(OUTSIDE) ? tag : (begins(before, tag) ? "B-" : "I-") + type(tag));
            before = tag;
        }
        return bio2;
    }

    /** How many entities begin with a tag that in this scheme goes on with one. */
    int mistakes(List<String> tags) {
        if (this == NONE || this == IO || this == IOB1) {
            return 0;
        }
        int mistakes = 0;
        var before = OUTSIDE;
        for (var tag : tags) {
            if (isTag(tag) && begins(before, tag) && "BSU".indexOf(tag.charAt(0)) < 0) {
                mistakes++;
            }
            before = tag;
        }
        return mistakes;
    }

    /** How many entities stop without the tag that in this scheme ends them. */
    int unended(List<String> tags) {
        if (this != IOBES && this != BILOU) {
            return 0;
        }
        int unended = 0;
        for (int i = 0; i < tags.size(); i++) {
            var tag = tags.get(i);
            var next = i + 1 < tags.size() ? tags.get(i + 1) : OUTSIDE;
            boolean open = isTag(tag) && "BIM".indexOf(tag.charAt(0)) >= 0;
            unended += open && (!isTag(next) || begins(tag, next)) ? 1 : 0;
        }
        return unended;
    }

    private static boolean begins(String before, String tag) {
        return "BSU".indexOf(tag.charAt(0)) >= 0
                || "ESLU".indexOf(before.charAt(0)) >= 0
                || !type(before).equals(type(tag));
    }

    private static boolean isTag(String tag) {
        return TAG.matcher(tag).matches();
    }

    /** What follows the prefix; nothing of O. */
    private static String type(String tag) {
        return isTag(tag) ? tag.substring(2) : "";
    }
}
