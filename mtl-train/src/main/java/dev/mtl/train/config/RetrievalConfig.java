package dev.mtl.train.config;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A corpus that is searched in evaluations.
 *
 * @param queries the file of the texts that are searched for; null for no search
 * @param corpus the file of the texts that are searched
 * @param relevant the file that says which texts are relevant to each query
 * @param k of the first so many texts found, the scores are taken
 */
public record RetrievalConfig(
        @Nullable String queries,
        @Nullable String corpus,
        @Nullable String relevant,
        List<String> k) {
    /** No search. */
    public static final RetrievalConfig NONE = new RetrievalConfig(null, null, null, List.of("10"));

    public RetrievalConfig {
        k = List.copyOf(k);
        if (k.isEmpty() || !k.stream().allMatch(each -> each.matches("[1-9][0-9]{0,5}"))) {
            throw new IllegalArgumentException(
                    "k is " + k + ", it takes numbers of texts such as [1, 10]");
        }
        boolean any = queries != null || corpus != null || relevant != null;
        if (any && (queries == null || corpus == null || relevant == null)) {
            throw new IllegalArgumentException(
                    "retrieval takes three files: queries, corpus and relevant");
        }
    }

    /** Whether a corpus is searched. */
    public boolean isOn() {
        return queries != null;
    }

    /** The numbers of texts. */
    public List<Integer> ks() {
        return k.stream().map(Integer::valueOf).toList();
    }

    /** The same with absolute paths. */
    RetrievalConfig absolute() {
        return new RetrievalConfig(
                DataConfig.absolute(queries),
                DataConfig.absolute(corpus),
                DataConfig.absolute(relevant),
                k);
    }
}
