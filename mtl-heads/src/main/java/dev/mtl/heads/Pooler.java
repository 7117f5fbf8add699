package dev.mtl.heads;

import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/**
 * The layer that BERT and its relatives have between the first token, such as [CLS], and the
 * classifier of a text or of a pair: linear, then an activation.
 */
public enum Pooler {
    /** No such layer: the head reads the sentence embedding. */
    NONE,
    /** Of BERT, ERNIE, RoBERTa, XLM-R, CamemBERT and MPNet. */
    TANH,
    /** Of ELECTRA and DeBERTa. */
    GELU,
    /** Of DistilBERT. */
    RELU;

    /** The same, or none: models that were saved before the setting existed do not name any. */
    public static Pooler orNone(@Nullable Pooler pooler) {
        return pooler == null ? NONE : pooler;
    }

    Tensor activate(Tensor values) {
        return switch (this) {
            case NONE -> values;
            case TANH -> values.tanh();
            case GELU -> values.gelu();
            case RELU -> values.relu();
        };
    }
}
