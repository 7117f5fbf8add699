package dev.mtl.core.model.answer;

/** What is asked of a model besides the predictions of tasks. */
public enum Wanted {
    PREDICTIONS,
    /** A sentence embedding of each text. */
    EMBEDDINGS,
    /** An embedding of each token of each text. */
    TOKEN_EMBEDDINGS
}
