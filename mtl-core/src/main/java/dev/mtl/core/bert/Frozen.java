package dev.mtl.core.bert;

/**
 * How much of a BERT does not train, from below.
 *
 * @param embeddings whether the embeddings are frozen
 * @param layers how many encoder layers are frozen, from the lowest; only with the embeddings
 */
public record Frozen(boolean embeddings, int layers) {
    /** Everything trains. */
    public static final Frozen NOTHING = new Frozen(false, 0);

    public Frozen {
        if (layers < 0 || (layers > 0 && !embeddings)) {
            throw new IllegalArgumentException(
                    "layers are frozen from below, after the embeddings: " + layers);
        }
    }
}
