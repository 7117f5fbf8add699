package dev.mtl.heads.token;

import java.util.Arrays;
import java.util.List;

/**
 * Which tag may follow which in BIO2: {@code I-x} only {@code B-x} or {@code I-x}. If the data has
 * no {@code B-x}, {@code I-x} begins entities itself and may follow any tag, as may tags without
 * prefixes.
 */
final class Bio2Constraints {
    /** For a tag that continues an entity, the tag that begins it; else -1. */
    private final int[] begin;

    Bio2Constraints(List<String> tags) {
        begin = new int[tags.size()];
        Arrays.setAll(
                begin,
                tag ->
                        tags.get(tag).startsWith("I-")
                                ? tags.indexOf("B-" + tags.get(tag).substring(2))
                                : -1);
    }

    /** Whether a tag may follow only its {@link #begin} or itself. */
    boolean continues(int tag) {
        return begin[tag] >= 0;
    }

    /** The tag that begins the entities that a tag {@link #continues}. */
    int begin(int tag) {
        return begin[tag];
    }

    /** Whether a tag may follow another one. */
    boolean allows(int from, int to) {
        return !continues(to) || from == to || from == begin[to];
    }
}
