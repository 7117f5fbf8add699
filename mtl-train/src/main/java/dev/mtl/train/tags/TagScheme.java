package dev.mtl.train.tags;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How the tags of a file mark the beginning and end of entities. Tasks learn BIO2, to which the
 * others are converted: {@code B-} begins every entity, {@code I-} continues it.
 */
public enum TagScheme {
    /** B- begins every entity. */
    BIO2,
    /** B- begins only entities that follow one of the same type; all others begin with I-. */
    IOB1,
    /** E- ends an entity, S- is an entity of one word; M- may be used for I-. */
    IOBES,
    /** L- ends an entity, U- is an entity of one word. */
    BILOU,
    /** Types without prefixes, and O: neighbouring words of one type are one entity. */
    IO,
    /**
     * Tags of single words, such as parts of speech, with neither prefixes nor O; not converted.
     */
    NONE;

    static final String OUTSIDE = "O";

    private static final Pattern TAG = Pattern.compile("[BIESLUM]-.+", Pattern.DOTALL);

    /** Detects the scheme from all sentences of a file. */
    public static TagScheme of(Collection<List<String>> sentences) {
        var detector = new Detector();
        sentences.forEach(detector::add);
        return detector.scheme();
    }

    /** Detects the scheme of sentences that come one after the other. */
    public static final class Detector {
        private boolean ends;
        private boolean lasts;
        private boolean chunks;
        private boolean outside;
        private boolean types;
        private boolean plainBegin;
        private boolean insideBegin;

        /** No sentence is seen yet. */
        public Detector() {}

        /** The tags of the next sentence. */
        public void add(List<String> tags) {
            var before = OUTSIDE;
            for (var tag : tags) {
                outside |= tag.equals(OUTSIDE);
                types |= !tag.equals(OUTSIDE);
                if (isTag(tag) && !ends && !lasts) {
                    chunks = true;
                    switch (tag.charAt(0)) {
                        case 'E', 'S', 'M' -> ends = true;
                        case 'L', 'U' -> lasts = true;
                        case 'B' -> plainBegin |= !type(before).equals(type(tag));
                        default -> insideBegin |= !type(before).equals(type(tag));
                    }
                }
                before = tag;
            }
        }

        /** The scheme of the sentences so far. */
        public TagScheme scheme() {
            if (ends) {
                return IOBES;
            }
            if (lasts) {
                return BILOU;
            }
            if (!chunks) {
                return outside && types ? IO : NONE;
            }
            return insideBegin && !plainBegin ? IOB1 : BIO2;
        }
    }

    /** Whether a tag has the form of this scheme: O, or a prefix and a type. */
    public boolean allows(String tag) {
        return this == NONE || this == IO || tag.equals(OUTSIDE) || isTag(tag);
    }

    /**
     * Converts tags to BIO2 by the rules of {@code conlleval.pl}: an entity begins at B-, S- and
     * U-, after E-, S-, L- and U-, and wherever the type changes. A tag without a prefix is read as
     * I- of its type.
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

    /** The number of entities that begin with a tag that, in this scheme, continues one. */
    public int mistakes(List<String> tags) {
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

    /** The number of entities without the tag that, in this scheme, ends them. */
    public int unended(List<String> tags) {
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

    /** The part after the prefix; empty for O. */
    private static String type(String tag) {
        return isTag(tag) ? tag.substring(2) : "";
    }
}
