package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.disentangled.DistanceBuckets;
import dev.mtl.core.transformer.layers.Activation;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings of a DeBERTa beside those that BERT has, too. {@link DebertaArrangement} makes the
 * encoder.
 *
 * @param absolutePositions whether the embeddings have position embeddings as BERT's
 * @param scoreTerms how many products are added to an attention score: contents with contents,
 *     contents with positions, positions with contents
 * @param relative null if attention does not see distances
 * @param convolution null for none beside the first layer
 */
public record DisentangledConfig(
        boolean absolutePositions,
        int scoreTerms,
        @Nullable Relative relative,
        @Nullable Convolution convolution)
        implements BertConfig.Layers {
    /**
     * How attention sees distances.
     *
     * @param buckets the rows of the position table
     * @param normalized whether its rows are normalized
     * @param sharedProjections whether positions have the projections of contents
     * @param queriesToPositions whether queries of contents attend to positions ({@code c2p})
     * @param positionsToKeys whether queries of positions attend to contents ({@code p2c})
     */
    public record Relative(
            DistanceBuckets buckets,
            boolean normalized,
            boolean sharedProjections,
            boolean queriesToPositions,
            boolean positionsToKeys) {
        /** The layer from positions to keys, in a layer of the encoder. */
        public String keyName() {
            return sharedProjections ? "attention.self.key" : "attention.self.position_key";
        }

        /** The layer from positions to queries, in a layer of the encoder. */
        public String queryName() {
            return sharedProjections ? "attention.self.query" : "attention.self.position_query";
        }
    }

    /**
     * A convolution over neighbouring tokens.
     *
     * @param width how many tokens, odd
     */
    public record Convolution(int width, Activation activation) {}

    /** Reads the {@code config.json} of DeBERTa v2 and v3. */
    static BertConfig read(ConfigReader reader) {
        return new Reader(reader).read();
    }

    private static final class Reader {
        private final ConfigReader reader;
        private final JsonNode json;

        Reader(ConfigReader reader) {
            this.reader = reader;
            json = reader.json();
        }

        BertConfig read() {
            int hidden = reader.size("hidden_size", 1536);
            int heads = reader.size("num_attention_heads", 24);
            reader.requireMultiple("hidden_size", hidden, "num_attention_heads", heads);
            if (reader.size("attention_head_size", hidden / heads) != hidden / heads) {
                reader.fault("attention_head_size is not hidden_size / num_attention_heads");
            }
            int positions = reader.size("max_position_embeddings", 512);
            return new BertConfig(
                    ModelType.DEBERTA_V2,
                    reader.size("vocab_size", ConfigReader.vocabulary(ModelType.DEBERTA_V2)),
                    reader.size("embedding_size", hidden),
                    hidden,
                    reader.size("num_hidden_layers", 24),
                    heads,
                    reader.size("intermediate_size", 6144),
                    positions,
                    0,
                    json.path("type_vocab_size").asInt() == 0
                            ? 0
                            : reader.size("type_vocab_size", 0),
                    reader.activation("hidden_act"),
                    reader.number("layer_norm_eps", 1e-7),
                    reader.probability("hidden_dropout_prob", 0.1),
                    reader.probability("attention_probs_dropout_prob", 0.1),
                    layers(positions));
        }

        private DisentangledConfig layers(int positions) {
            var terms = words(json.path("pos_att_type"));
            terms.retainAll(Set.of("c2p", "p2c"));
            return new DisentangledConfig(
                    json.path("position_biased_input").asBoolean(true),
                    1 + terms.size(),
                    json.path("relative_attention").asBoolean() ? relative(terms, positions) : null,
                    convolution());
        }

        private Relative relative(Set<String> terms, int positions) {
            int farthest = positive("max_relative_positions", positions);
            int buckets = positive("position_buckets", 0);
            if (buckets == 1) {
                reader.fault("position_buckets is 1, but the buckets of small distances are half");
            }
            return new Relative(
                    new DistanceBuckets(
                            buckets == 0 ? farthest : buckets,
                            buckets == 0 ? 0 : farthest,
                            positions),
                    words(json.path("norm_rel_ebd")).contains("layer_norm"),
                    json.path("share_att_key").asBoolean(),
                    terms.contains("c2p"),
                    terms.contains("p2c"));
        }

        /** A size, of which 0 and -1 mean that it is not given. */
        private int positive(String key, int otherwise) {
            return json.path(key).isInt() && json.path(key).asInt() < 1
                    ? otherwise
                    : reader.size(key, otherwise);
        }

        /** A list, or words with bars between them. */
        private static Set<String> words(JsonNode value) {
            var words = new TreeSet<String>();
            value.forEach(word -> words.add(word.asText()));
            Arrays.stream(value.asText("").split("\\|"))
                    .map(word -> word.strip().toLowerCase(Locale.ROOT))
                    .forEach(words::add);
            return words;
        }

        private @Nullable Convolution convolution() {
            int width = positive("conv_kernel_size", 0);
            if (width == 0) {
                return null;
            }
            if (width % 2 == 0) {
                reader.fault("conv_kernel_size is " + width + ", but only odd ones are supported");
            }
            if (json.path("conv_groups").asInt(1) != 1) {
                reader.fault(
                        "conv_groups is not 1, but only convolutions in one group are supported");
            }
            if (!json.path("conv_act").isTextual()) {
                reader.fault("conv_act is missing, which means tanh; known: gelu, relu, silu");
            }
            return new Convolution(width, reader.activation("conv_act"));
        }
    }
}
