package dev.mtl.core.bert;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
    MODERNBERT("modernbert", "ModernBert", "model"),

    /** DeBERTa v2 and v3 (He et al. 2021): attention to contents and to distances. */
    DEBERTA_V2("deberta-v2", "DebertaV2", "deberta"),

    /** NomicBERT (Nussbaum et al. 2024): post-norm, rotary positions, gated SiLU. */
    NOMIC_BERT("nomic_bert", "NomicBert", "nomic_bert"),

    /**
     * GTE (Zhang et al. 2024): post-norm, rotary positions, gated GELU. Its own files call it
     * {@code new}.
     */
    GTE("gte", "Gte", "gte"),

    /** EuroBERT (Boizard et al. 2025): Llama's layers, in which tokens attend to all others. */
    EUROBERT("eurobert", "EuroBert", "model");

    private static final String GTE_IN_ITS_OWN_FILES = "new";

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
        return text.equals(GTE_IN_ITS_OWN_FILES)
                ? Optional.of(GTE)
                : Arrays.stream(values()).filter(type -> type.text.equals(text)).findFirst();
    }

    /** The supported values of {@code model_type}. */
    public static List<String> known() {
        return Stream.concat(
                        Arrays.stream(values()).map(ModelType::toString),
                        Stream.of(GTE_IN_ITS_OWN_FILES))
                .toList();
    }

    /** The class in transformers, such as {@code BertModel} for {@code Model}. */
    public String transformersClass(String kind) {
        return className + kind;
    }

    /** The prefix of names in checkpoints with a head, such as {@code bert}. */
    public String prefix() {
        return prefix;
    }

    /** The prefixes that files may have, the one of transformers first. */
    List<String> prefixes() {
        return switch (this) {
            case GTE -> List.of(prefix, GTE_IN_ITS_OWN_FILES);
            case NOMIC_BERT -> List.of(prefix, "bert");
            default -> List.of(prefix);
        };
    }

    /** Whether the first position is the id of padding plus one. */
    boolean countsFromPadding() {
        return switch (this) {
            case ROBERTA, XLM_ROBERTA, CAMEMBERT, MPNET -> true;
            case BERT,
                    DISTILBERT,
                    ELECTRA,
                    ERNIE,
                    MODERNBERT,
                    NOMIC_BERT,
                    GTE,
                    EUROBERT,
                    DEBERTA_V2 ->
                    false;
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
            case EUROBERT -> Set.of("embed_tokens", "layers", "norm").contains(first);
            case NOMIC_BERT -> Set.of("embeddings", "emb_ln", "encoder").contains(first);
            case BERT,
                    DISTILBERT,
                    ROBERTA,
                    XLM_ROBERTA,
                    CAMEMBERT,
                    ELECTRA,
                    ERNIE,
                    MPNET,
                    GTE,
                    DEBERTA_V2 ->
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
        return HfNames.of(this, name);
    }

    @Override
    public String toString() {
        return text;
    }
}
