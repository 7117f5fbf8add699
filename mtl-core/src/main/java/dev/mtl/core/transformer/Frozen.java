package dev.mtl.core.transformer;

/**
 * How much of a BERT does not train, from below.
 *
 * @param embeddings whether the embeddings are frozen
 * @param layers how many encoder layers are frozen, from the lowest; only with the embeddings
 * @param dropout whether frozen layers drop out while training; without it they give the same
 *     features each time
 */
public record Frozen(boolean embeddings, int layers, boolean dropout) {
    /** Everything trains. */
    public static final Frozen NOTHING = new Frozen(false, 0, false);

    public Frozen {
        if (layers < 0 || (layers > 0 && !embeddings)) {
            throw new IllegalArgumentException(
                    "layers are frozen from below, after the embeddings: " + layers);
        }
    }
}
