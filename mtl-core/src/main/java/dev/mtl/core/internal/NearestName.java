package dev.mtl.core.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests the known name that a misspelt one was probably meant to be. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name with the smallest edit distance, case ignored, if that is at most 2 or a third
     * of the typed name's length; the first of several.
     */
    public static Optional<String> of(String typed, Collection<String> known) {
        int limit = Math.max(2, typed.length() / 3);
        return known.stream()
                .filter(name -> distance(typed, name) <= limit)
                .min(Comparator.comparingInt(name -> distance(typed, name)));
    }

    /** {@code ; did you mean 'NAME'?} to end an error message with, empty if none is near. */
    public static String hint(String typed, Collection<String> known) {
        return of(typed, known).map(NearestName::hint).orElse("");
    }

    /** {@code ; did you mean 'NAME'?}. */
    public static String hint(String name) {
        return "; did you mean '" + name + "'?";
    }

    /** Levenshtein's edit distance of the lower-cased names. */
    private static int distance(String typed, String name) {
        var a = typed.toLowerCase(Locale.ROOT);
        var b = name.toLowerCase(Locale.ROOT);
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
