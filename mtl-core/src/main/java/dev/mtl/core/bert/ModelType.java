package dev.mtl.core.bert;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An architecture of BERT's family, by the {@code model_type} of its {@code config.json}. They
 * differ in the names of their tensors and in details that {@link BertConfig} holds. This library
 * uses BERT's names for all of them; {@link #hfName} gives the names in files.
 */
public enum ModelType {
    /** BERT (Devlin et al. 2019). */
    BERT("bert", "Bert", "bert"),

    /** DistilBERT (Sanh et al. 2019): no token types, no dropout after attention. */
    DISTILBERT("distilbert", "DistilBert", "distilbert"),

    /** RoBERTa (Liu et al. 2019): positions begin after the id of padding. */
    ROBERTA("roberta", "Roberta", "roberta"),

    /** XLM-R (Conneau et al. 2020): RoBERTa with a vocabulary for a hundred languages. */
    XLM_ROBERTA("xlm-roberta", "XLMRoberta", "roberta"),

    /** MPNet (Song et al. 2020): no token types, relative position bias. */
    MPNET("mpnet", "MPNet", "mpnet"),

    /** CamemBERT (Martin et al. 2020): RoBERTa for French, with XLM-R's kind of tokenizer. */
    CAMEMBERT("camembert", "Camembert", "roberta"),

    /** ELECTRA (Clark et al. 2020): BERT, whose embeddings may be narrower than its layers. */
    ELECTRA("electra", "Electra", "electra"),

    /** ERNIE (Sun et al. 2020): BERT. */
    ERNIE("ernie", "Ernie", "ernie"),

    /**
     * ModernBERT (Warner et al. 2024): pre-norm layers, rotary positions, attention in a window in
     * two of three layers, gated feed-forward blocks.
     */
    MODERNBERT("modernbert", "ModernBert", "model");

    private static final String LAYER = "encoder.layer.";

    /** The norm at the end of the last layer, which is outside of the layers in files. */
    private static final String FINAL_NORM = "final_norm";

    private final String text;
    private final String className;
    private final String prefix;

    ModelType(String text, String className, String prefix) {
        this.text = text;
        this.className = className;
        this.prefix = prefix;
    }

    /** The type that a {@code config.json} names. */
    static Optional<ModelType> of(String text) {
        return Arrays.stream(values()).filter(type -> type.text.equals(text)).findFirst();
    }

    /** The supported values of {@code model_type}. */
    static List<String> known() {
        return Arrays.stream(values()).map(ModelType::toString).toList();
    }

    /** The class in transformers, such as {@code BertModel} for {@code Model}. */
    public String transformersClass(String kind) {
        return className + kind;
    }

    /** The prefix of names in checkpoints with a head, such as {@code bert}. */
    public String prefix() {
        return prefix;
    }

    /** Whether the first position is the id of padding plus one. */
    boolean countsFromPadding() {
        return switch (this) {
            case ROBERTA, XLM_ROBERTA, CAMEMBERT, MPNET -> true;
            case BERT, DISTILBERT, ELECTRA, ERNIE, MODERNBERT -> false;
        };
    }

    /** Whether the token classifier of transformers is a linear layer on the token embeddings. */
    public boolean hasLinearClassifier() {
        return this != MODERNBERT;
    }

    boolean hasTokenTypes() {
        return this != DISTILBERT && this != MPNET && this != MODERNBERT;
    }

    /** Whether a name in a file, without the prefix of checkpoints with a head, is an encoder's. */
    boolean isOfEncoder(String bareName) {
        var first = bareName.substring(0, Math.max(0, bareName.indexOf('.')));
        return switch (this) {
            case MODERNBERT -> Set.of("embeddings", "layers", "final_norm").contains(first);
            case BERT, DISTILBERT, ROBERTA, XLM_ROBERTA, CAMEMBERT, ELECTRA, ERNIE, MPNET ->
                    Set.of("embeddings", "embeddings_project", "encoder", "transformer")
                            .contains(first);
        };
    }

    /**
     * The name of a tensor in the files of transformers.
     *
     * @param name as {@link BertWeights#specs} has it
     */
    public String hfName(String name) {
        if (name.equals(RelativePositions.WEIGHT)) {
            return "encoder.relative_attention_bias.weight";
        }
        if (this == MODERNBERT && name.startsWith("embeddings.")) {
            return name.replace("word_embeddings", "tok_embeddings").replace("LayerNorm", "norm");
        }
        if (!name.startsWith(LAYER)) {
            return name;
        }
        int part = name.indexOf('.', LAYER.length()) + 1;
        int kind = name.lastIndexOf('.');
        var inFile = part(name.substring(part, kind));
        if (inFile.equals(FINAL_NORM)) {
            return FINAL_NORM + name.substring(kind);
        }
        var layer =
                switch (this) {
                    case DISTILBERT -> "transformer.layer.";
                    case MODERNBERT -> "layers.";
                    case BERT, ROBERTA, XLM_ROBERTA, CAMEMBERT, ELECTRA, ERNIE, MPNET -> LAYER;
                };
        return layer + name.substring(LAYER.length(), part) + inFile + name.substring(kind);
    }

    /** The name of a layer's part in files. */
    private String part(String ours) {
        return switch (this) {
            case BERT, ROBERTA, XLM_ROBERTA, CAMEMBERT, ELECTRA, ERNIE -> ours;
            case DISTILBERT ->
                    switch (ours) {
                        case "attention.self.query" -> "attention.q_lin";
                        case "attention.self.key" -> "attention.k_lin";
                        case "attention.self.value" -> "attention.v_lin";
                        case "attention.output.dense" -> "attention.out_lin";
                        case "attention.output.LayerNorm" -> "sa_layer_norm";
                        case "intermediate.dense" -> "ffn.lin1";
                        case "output.dense" -> "ffn.lin2";
                        case "output.LayerNorm" -> "output_layer_norm";
                        default -> throw new IllegalArgumentException(ours);
                    };
            case MPNET ->
                    switch (ours) {
                        case "attention.self.query" -> "attention.attn.q";
                        case "attention.self.key" -> "attention.attn.k";
                        case "attention.self.value" -> "attention.attn.v";
                        case "attention.output.dense" -> "attention.attn.o";
                        case "attention.output.LayerNorm" -> "attention.LayerNorm";
                        default -> ours;
                    };
            case MODERNBERT ->
                    switch (ours) {
                        case "attention.LayerNorm" -> "attn_norm";
                        case "attention.self.query_key_value" -> "attn.Wqkv";
                        case "attention.output.dense" -> "attn.Wo";
                        case "intermediate.LayerNorm" -> "mlp_norm";
                        case "intermediate.dense" -> "mlp.Wi";
                        case "output.dense" -> "mlp.Wo";
                        case "output.LayerNorm" -> FINAL_NORM;
                        default -> throw new IllegalArgumentException(ours);
                    };
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
