package dev.mtl.core.encoder;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.huggingface.TokenWindow;

import java.util.ArrayList;
import java.util.List;

/** The windows of several texts, and the embeddings of the texts from those of their windows. */
final class WindowedTexts {
    private final List<List<TokenWindow>> texts = new ArrayList<>();

    /** Adds the next text: one window or more. */
    void add(List<TokenWindow> windows) {
        texts.add(windows);
    }

    /** The tokens of all windows, in the order of the texts. */
    List<Encoding> encodings() {
        return texts.stream().flatMap(List::stream).map(TokenWindow::encoding).toList();
    }

    /**
     * The mean over the windows of each text, weighted by their tokens.
     *
     * @param embeddings of {@link #encodings}; may be changed
     */
    float[][] means(float[][] embeddings) {
        var means = new float[texts.size()][];
        int next = 0;
        for (int text = 0; text < means.length; text++) {
            var windows = texts.get(text);
            means[text] = windows.size() == 1 ? embeddings[next] : mean(windows, embeddings, next);
            next += windows.size();
        }
        return means;
    }

    private static float[] mean(List<TokenWindow> windows, float[][] embeddings, int from) {
        var sums = new double[embeddings[from].length];
        long tokens = 0;
        for (int window = 0; window < windows.size(); window++) {
            int weight = windows.get(window).tokens();
            tokens += weight;
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (double) weight * embeddings[from + window][i];
            }
        }
        var mean = new float[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sums[i] / tokens);
        }
        return mean;
    }
}
