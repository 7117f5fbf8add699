package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.transformer.layers.Activation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Configurations of NomicBERT, GTE and EuroBERT, by the keys of their authors and others. */
class RotaryConfigTest {
    private static final String NOMIC =
            """
            {"model_type": "nomic_bert", "n_embd": 24, "n_head": 2, "n_inner": 40, "n_layer": 3,
             "n_positions": 8192, "max_trained_positions": 2048, "vocab_size": 30522,
             "pad_vocab_size_multiple": 64, "type_vocab_size": 2, "activation_function": "swiglu",
             "layer_norm_epsilon": 1e-12, "rotary_emb_base": 1000, "rotary_emb_fraction": 1.0,
             "rotary_emb_interleaved": false, "rotary_emb_scale_base": null,
             "rotary_scaling_factor": null, "qkv_proj_bias": false, "mlp_fc1_bias": false,
             "mlp_fc2_bias": false, "prenorm": false, "use_rms_norm": false, "causal": false,
             "resid_pdrop": 0.1, "embd_pdrop": 0.2, "attn_pdrop": 0.3,
             "auto_map": {"AutoModel": "somewhere--modeling.NomicBertModel"}}
            """;
    private static final String GTE =
            """
            {"model_type": "new", "hidden_size": 128, "num_attention_heads": 2,
             "intermediate_size": 40, "num_hidden_layers": 3, "max_position_embeddings": 8192,
             "vocab_size": 99, "type_vocab_size": 0, "hidden_act": "gelu", "pack_qkv": true,
             "layer_norm_type": "layer_norm", "position_embedding_type": "rope",
             "rope_theta": 20000, "rope_scaling": {"type": "ntk", "factor": 8.0},
             "logn_attention_scale": false, "auto_map": {"AutoModel": "new-impl--NewModel"}}
            """;

    @TempDir Path directory;

    private BertConfig read(String json) throws IOException {
        return BertConfig.read(Files.writeString(directory.resolve("config.json"), json));
    }

    private static RotaryConfig rotary(BertConfig config) {
        return Objects.requireNonNull(config.rotary());
    }

    @Test
    void readsNomicBertByTheKeysOfItsAuthors() throws IOException {
        var config = read(NOMIC);
        assertThat(config.hiddenSize()).isEqualTo(24);
        assertThat(config.numAttentionHeads()).isEqualTo(2);
        assertThat(config.intermediateSize()).isEqualTo(40);
        assertThat(config.numHiddenLayers()).isEqualTo(3);
        assertThat(config.vocabSize()).isEqualTo(30528);
        assertThat(config.maxLength()).isEqualTo(8192);
        assertThat(config.hiddenAct()).isEqualTo(Activation.SILU);
        assertThat(config.hiddenDropout()).isEqualTo(0.2);
        assertThat(config.attentionDropout()).isEqualTo(0.3);
        assertThat(rotary(config).dropouts()).isEqualTo(new RotaryConfig.Dropouts(0.1, 0, 0.1));
        assertThat(rotary(config).biases()).isEqualTo(new RotaryConfig.Biases(false, false, false));
        assertThat(rotary(config).layers().getLast())
                .isEqualTo(new RotaryConfig.Attention(1000, 1, 0));
    }

    /** Longer texts would have other frequencies, which depend on the length of the batch. */
    @Test
    void limitsNomicBertToTheLengthThatItsFrequenciesAreFor() throws IOException {
        var json = NOMIC.replace("\"rotary_scaling_factor\": null", "\"rotary_scaling_factor\": 2");
        assertThat(read(json).maxLength()).isEqualTo(2048);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"prenorm\": false', '\"prenorm\": true', prenorm is true",
        "'\"causal\": false', '\"moe_every_n_layers\": 2', moe_every_n_layers is 2",
        "'\"rotary_emb_scale_base\": null', '\"rotary_emb_scale_base\": 512.0', scale_base is 512",
        "'fraction\": 1.0', 'fraction\": 0.5', rotary_emb_fraction is not 1",
        "swiglu, gelu, 'activation_function is ''gelu'''",
    })
    void refusesOtherKindsOfNomicBert(String part, String instead, String message) {
        assertThat(NOMIC).contains(part);
        assertThatThrownBy(() -> read(NOMIC.replace(part, instead)))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(message);
    }

    @Test
    void readsGteByTheKeysOfItsAuthors() throws IOException {
        var config = read(GTE);
        assertThat(config.modelType()).isEqualTo(ModelType.GTE);
        assertThat(config.typeVocabSize()).isZero();
        var attention = rotary(config).layers().getFirst();
        assertThat(attention.theta()).isEqualTo(160_000);
        assertThat(attention.divisor()).isCloseTo(1.0671404, within(1e-7));
        var linear =
                """
                {"model_type": "gte", "hidden_size": 128, "num_attention_heads": 2,
                 "rope_parameters": {"rope_type": "linear", "rope_theta": 500, "factor": 3}}
                """;
        assertThat(rotary(read(linear)).layers().getFirst())
                .isEqualTo(new RotaryConfig.Attention(500, 3, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"pack_qkv\": true', '\"pack_qkv\": false', pack_qkv is false",
        "'\"layer_norm\"', '\"rms_norm\"', 'layer_norm_type is ''rms_norm'''",
        "'\"rope\"', '\"absolute\"', 'position_embedding_type is ''absolute'''",
        "'scale\": false', 'scale\": true', logn_attention_scale is true",
        "'factor\": 8.0', 'factor\": 8.0, \"mixed_b\": 0.6', mixed_b",
        "ntk, yarn, 'rope_scaling has rope_type ''yarn'''",
    })
    void refusesOtherKindsOfGte(String part, String instead, String message) {
        assertThat(GTE).contains(part);
        assertThatThrownBy(() -> read(GTE.replace(part, instead)))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesEuroBertsWithOtherHeads() {
        assertThatThrownBy(
                        () ->
                                read(
                                        """
                                        {"model_type": "eurobert", "num_key_value_heads": 5,
                                         "head_dim": 32, "rope_scaling": {"rope_type": "llama3"}}
                                        """))
                .hasMessageContaining(
                        "num_attention_heads 12 is not a multiple of num_key_value_heads 5")
                .hasMessageContaining("head_dim is 32, but hidden_size / num_attention_heads is 64")
                .hasMessageContaining("rope_scaling has rope_type 'llama3'");
    }

    @Test
    void savesTheKeysThatTransformersReadsWithoutTheAuthorsCode() throws IOException {
        for (var json : new String[] {NOMIC, GTE}) {
            var config = read(json);
            var saved = ConfigJson.of(new ModelDirectory("any", directory, directory));
            assertThat(saved.has("auto_map")).isFalse();
            assertThat(saved.has("rope_scaling")).isFalse();
            assertThat(saved.path("model_type").asText()).isEqualTo(config.modelType().toString());
            assertThat(saved.path("rope_parameters").path("rope_theta").asDouble())
                    .isEqualTo(rotary(config).layers().getFirst().theta());
            JsonFiles.write(directory.resolve("saved.json"), saved);
            assertThat(BertConfig.read(directory.resolve("saved.json"))).isEqualTo(config);
        }
    }
}
