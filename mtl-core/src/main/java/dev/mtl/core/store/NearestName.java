package dev.mtl.core.store;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds what a user may have meant. */
final class NearestName {

    private NearestName() {}

    /** The known name with the fewest typing errors, if those are at most a third of it. */
    static Optional<String> of(String typed, List<String> known) {
        var lower = typed.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(name -> distance(lower, name) <= Math.max(1, name.length() / 3))
                .min(Comparator.comparingInt(name -> distance(lower, name)));
    }

    /** Levenshtein's distance, without regard to case. */
    private static int distance(String lower, String name) {
        var other = name.toLowerCase(Locale.ROOT);
        var row = new int[other.length() + 1];
        for (var j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (var i = 1; i <= lower.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.length(); j++) {
                var change = lower.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                var best = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + change);
                diagonal = row[j];
                row[j] = best;
            }
        }
        return row[other.length()];
    }
}
