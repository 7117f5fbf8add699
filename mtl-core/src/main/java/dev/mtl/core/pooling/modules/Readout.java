package dev.mtl.core.pooling.modules;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How token embeddings become a sentence embedding: pooled, sent through linear layers, normalized.
 * The weights of the layers are parameters of the model.
 *
 * @param poolings at least one; the results of several are concatenated, in this order
 * @param includesPrompt whether the tokens of a prompt are pooled, too
 * @param dense layers after pooling, in order; often none
 * @param normalization of the result
 * @param truncateDim how many of the first dimensions are kept, after the normalization; null for
 *     all
 */
public record Readout(
        List<Pooling> poolings,
        boolean includesPrompt,
        List<Dense> dense,
        Normalization normalization,
        @Nullable Integer truncateDim) {
    /** Mean pooling over real tokens, not normalized. */
    public static final Readout MEAN = new Readout(Pooling.MEAN, Normalization.NONE);

    /** What the names of a readout's parameters begin with. */
    public static final String PREFIX = "readout";

    public Readout {
        poolings = List.copyOf(poolings);
        dense = List.copyOf(dense);
    }

    /** With all dimensions. */
    public Readout(
            List<Pooling> poolings,
            boolean includesPrompt,
            List<Dense> dense,
            Normalization normalization) {
        this(poolings, includesPrompt, dense, normalization, null);
    }

    /** A single pooling over all tokens, without layers. */
    public Readout(Pooling pooling, Normalization normalization) {
        this(List.of(pooling), true, List.of(), normalization);
    }

    /** The same with another pooling; with this one if {@code pooling} is null. */
    public Readout withPooling(@Nullable Pooling pooling) {
        return pooling == null
                ? this
                : new Readout(List.of(pooling), includesPrompt, dense, normalization, truncateDim);
    }

    /** The same with another normalization. */
    public Readout withNormalization(Normalization other) {
        return new Readout(poolings, includesPrompt, dense, other, truncateDim);
    }

    /** The same with this many dimensions, or fewer if there are fewer; null for all. */
    public Readout withTruncateDim(@Nullable Integer value) {
        return new Readout(poolings, includesPrompt, dense, normalization, value);
    }

    /**
     * The same with this many dimensions, which somebody asked for; null for all.
     *
     * @param hiddenSize H, the length of a token embedding
     * @throws ConfigurationException if there are fewer
     */
    public Readout withTruncateDim(@Nullable Integer value, int hiddenSize) {
        int all = withTruncateDim(null).dimensions(hiddenSize);
        if (value != null && value > all) {
            throw new ConfigurationException(
                    "truncate_dim %d: the embeddings of this model have %d dimensions"
                            .formatted(value, all));
        }
        return withTruncateDim(value);
    }

    /**
     * The readout of a training on a model with this readout: as the training's configuration says,
     * but layers after pooling are kept, and with them the pooling that they were made for; so are
     * several poolings, and prompts that are not pooled.
     *
     * @throws ConfigurationException if the pooling is to be kept and the configuration names
     *     another one that is not its default, the mean
     */
    public Readout configured(Pooling pooling, Normalization other) {
        if (poolings.size() == 1 && includesPrompt && dense.isEmpty()) {
            return new Readout(pooling, other);
        }
        if (pooling != Pooling.MEAN && !poolings.equals(List.of(pooling))) {
            throw new ConfigurationException(
                    ("model.pooling: %s: the backbone has %s, which cannot be changed; leave"
                                    + " model.pooling out")
                            .formatted(pooling.name().toLowerCase(Locale.ROOT), describe()));
        }
        return withNormalization(other);
    }

    /**
     * The length of a sentence embedding.
     *
     * @param hiddenSize H, the length of a token embedding
     */
    public int dimensions(int hiddenSize) {
        int all = dense.isEmpty() ? poolings.size() * hiddenSize : dense.getLast().outFeatures();
        return truncateDim == null ? all : Math.min(truncateDim, all);
    }

    /** The parameters of the layers by their names in a model: {@code readout.0.linear.weight}. */
    public List<ParameterSpec> specs() {
        var specs = new ArrayList<ParameterSpec>();
        for (int i = 0; i < dense.size(); i++) {
            for (var spec : dense.get(i).specs()) {
                specs.add(
                        new ParameterSpec(
                                prefix(i) + "." + spec.name(), spec.shape(), spec.initializer()));
            }
        }
        return specs;
    }

    /** What the names of a layer's parameters begin with in a model. */
    public static String prefix(int layer) {
        return PREFIX + "." + layer;
    }

    /** For people: {@code mean pooling, normalization none}. */
    public String describe() {
        var text = new StringBuilder();
        text.append(String.join(" + ", poolings.stream().map(Pooling::toString).toList()))
                .append(" pooling");
        for (var layer : dense) {
            text.append(", dense ").append(layer.inFeatures()).append(" to ");
            text.append(layer.outFeatures());
        }
        text.append(", normalization ").append(normalization);
        if (truncateDim != null) {
            text.append(", first ").append(truncateDim).append(" dimensions");
        }
        return text.toString().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes sentence embeddings.
     *
     * @param weights the model's, with those of {@link #specs}
     * @param tokens {@code [B, S, H]}
     * @return {@code [B, D]}, owned by the innermost scope; D is {@link #dimensions}
     */
    public Tensor apply(Parameters weights, Tensor tokens, TokenBatch batch) {
        var pooling = new PoolingOps(batch, afterPrompts(batch));
        var embeddings =
                poolings.size() == 1
                        ? pooling.pool(poolings.getFirst(), tokens)
                        : Tensors.cat(
                                poolings.stream().map(mode -> pooling.pool(mode, tokens)).toList(),
                                1);
        for (int i = 0; i < dense.size(); i++) {
            embeddings = dense.get(i).apply(weights.in(prefix(i)), embeddings);
        }
        var normalized = NormalizationOps.normalize(normalization, embeddings);
        return truncateDim == null || truncateDim >= normalized.size(1)
                ? normalized
                : normalized.slice(1, 0, truncateDim);
    }

    /** The first token of each row that is pooled; null where that is 0 in every row. */
    private int @Nullable [] afterPrompts(TokenBatch batch) {
        if (includesPrompt || batch.encodings().stream().allMatch(e -> e.promptLength() == 0)) {
            return null;
        }
        return batch.encodings().stream().mapToInt(this::first).toArray();
    }

    /**
     * Index of the first token that is pooled; a text has one even if its prompt fills the model.
     */
    private int first(Encoding encoding) {
        return includesPrompt ? 0 : Math.min(encoding.promptLength(), encoding.length() - 1);
    }

    /**
     * The same as arrays. On a CPU this is Java code unless there are layers: an operator that runs
     * once per pass has its code fetched from main memory each time (docs/decisions/015).
     *
     * @param weights the model's, with those of {@link #specs}
     * @param tokens {@code [B, S, H]}, FLOAT32
     * @return {@code [B][D]}
     */
    public float[][] rows(Parameters weights, Tensor tokens, TokenBatch batch) {
        return tokens.device().isCpu() && dense.isEmpty()
                ? inMainMemory(tokens, batch)
                : apply(weights, tokens, batch).toFloatRows();
    }

    private float[][] inMainMemory(Tensor tokens, TokenBatch batch) {
        int width = Math.toIntExact(tokens.size(2));
        return tokens.readFloats(
                values -> {
                    var token = new float[width];
                    var embeddings = new float[batch.rows()][poolings.size() * width];
                    for (int row = 0; row < embeddings.length; row++) {
                        var encoding = batch.encodings().get(row);
                        int first = first(encoding);
                        for (int i = first; i < encoding.length(); i++) {
                            values.get((row * batch.length() + i) * width, token);
                            for (int p = 0; p < poolings.size(); p++) {
                                PoolingOps.add(
                                        poolings.get(p),
                                        token,
                                        i,
                                        first,
                                        embeddings[row],
                                        p * width);
                            }
                        }
                        for (int p = 0; p < poolings.size(); p++) {
                            PoolingOps.finish(
                                    poolings.get(p),
                                    embeddings[row],
                                    p * width,
                                    width,
                                    first,
                                    encoding.length());
                        }
                        NormalizationOps.normalize(normalization, embeddings[row]);
                        if (truncateDim != null && truncateDim < embeddings[row].length) {
                            embeddings[row] = Arrays.copyOf(embeddings[row], truncateDim);
                        }
                    }
                    return embeddings;
                });
    }
}
