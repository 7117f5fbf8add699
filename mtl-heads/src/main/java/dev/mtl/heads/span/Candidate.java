package dev.mtl.heads.span;

import dev.mtl.core.tokenizer.TokenizedPair;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A part of a text that may be the answer.
 *
 * @param start UTF-16 offset of its first character
 * @param end UTF-16 offset after its last one
 * @param score the logit of its first token plus that of its last one
 */
record Candidate(int start, int end, float score) {
    /** How many are kept of a text. */
    static final int KEPT = 20;

    /** Best first; of equally good ones the first, and the shorter one. */
    static final Comparator<Candidate> BEST_FIRST =
            Comparator.comparingDouble((Candidate c) -> -c.score())
                    .thenComparingInt(Candidate::start)
                    .thenComparingInt(Candidate::end);

    /**
     * The best parts of the second text of a pair.
     *
     * @param logits of begin and end for each token, two by two
     * @param row index of the pair's first token among all tokens
     * @param longest the most tokens of a part
     * @return at most {@link #KEPT}, best first
     */
    static List<Candidate> best(float[] logits, int row, TokenizedPair pair, int longest) {
        var encoding = pair.encoding();
        var kept = new PriorityQueue<Candidate>(KEPT + 1, BEST_FIRST.reversed());
        for (int first = pair.secondBegin(); first < pair.secondEnd(); first++) {
            float begin = logits[(row + first) * 2];
            int to = Math.min(pair.secondEnd(), first + longest);
            for (int last = first; last < to; last++) {
                float score = begin + logits[(row + last) * 2 + 1];
                if (kept.size() < KEPT || score > kept.element().score()) {
                    kept.add(new Candidate(encoding.starts()[first], encoding.ends()[last], score));
                    if (kept.size() > KEPT) {
                        kept.remove();
                    }
                }
            }
        }
        var best = new ArrayList<>(kept);
        best.sort(BEST_FIRST);
        return best;
    }
}
