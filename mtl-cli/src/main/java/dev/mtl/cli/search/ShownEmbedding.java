package dev.mtl.cli.search;

import dev.mtl.cli.console.Progress;

import java.util.List;
import java.util.function.Function;

/** Embeds texts part by part, so that progress can be shown. */
record ShownEmbedding(Progress progress) {
    private static final int TEXTS = 2048;

    /**
     * Embeds texts.
     *
     * @param what they are, for the progress
     */
    float[][] of(String what, List<String> texts, Function<List<String>, float[][]> encode) {
        var all = new float[texts.size()][];
        for (int from = 0; from < all.length; from += TEXTS) {
            var part = texts.subList(from, Math.min(all.length, from + TEXTS));
            System.arraycopy(encode.apply(part), 0, all, from, part.size());
            int done = from + part.size();
            progress.show(
                    "%s: %d of %d texts".formatted(what, done, all.length),
                    (double) done / all.length);
        }
        return all;
    }
}
