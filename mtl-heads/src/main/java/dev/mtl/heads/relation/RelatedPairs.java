package dev.mtl.heads.relation;

import java.util.List;

/**
 * The pairs of entities of a text that are learned.
 *
 * @param pairs with the tokens of both entities
 */
record RelatedPairs(List<Pair> pairs) {
    RelatedPairs {
        pairs = List.copyOf(pairs);
    }

    /**
     * Two entities.
     *
     * @param first the tokens of the first one's words
     * @param second the tokens of the second one's words
     * @param label the index of their label
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Pair(int[] first, int[] second, int label) {}
}
