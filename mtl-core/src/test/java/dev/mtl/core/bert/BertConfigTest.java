package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.disentangled.DistanceBuckets;
import dev.mtl.core.transformer.layers.Activation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

class BertConfigTest {
    @TempDir Path directory;

    private BertConfig read(String json) throws IOException {
        return BertConfig.read(Files.writeString(directory.resolve("config.json"), json));
    }

    @Test
    void takesTheDefaultsOfTransformersForWhatIsLeftOut() throws IOException {
        assertThat(read("{}"))
                .isEqualTo(
                        new BertConfig(
                                ModelType.BERT,
                                30522,
                                768,
                                768,
                                12,
                                12,
                                3072,
                                512,
                                0,
                                2,
                                Activation.GELU,
                                1e-12,
                                0.1,
                                0.1,
                                null));
        assertThat(read("{\"model_type\": \"distilbert\"}").numHiddenLayers()).isEqualTo(6);
    }

    /** Nothing but the name of their class, and the prefix of their tensors, differs. */
    @ParameterizedTest
    @CsvSource({"camembert, roberta, CamembertModel", "ernie, bert, ErnieModel"})
    void hasTheLayersOf(String type, String layers, String modelClass) throws IOException {
        var json = "{\"model_type\": \"%s\", \"vocab_size\": 99, \"hidden_size\": 24}";
        var config = read(json.formatted(type));
        var same = read(json.formatted(layers));
        assertThat(config.modelType().transformersClass("Model")).isEqualTo(modelClass);
        assertThat(names(config)).isEqualTo(names(same));
        assertThat(config.firstPosition()).isEqualTo(same.firstPosition());
        assertThat(config.maxLength()).isEqualTo(same.maxLength());
    }

    /** Names in files, with shapes. */
    private static List<String> names(BertConfig config) {
        return BertWeights.specs(config).stream()
                .map(spec -> config.modelType().hfName(spec.name()) + Arrays.toString(spec.shape()))
                .toList();
    }

    @Test
    void refusesErniesEmbeddingsOfTasks() {
        assertThatThrownBy(() -> read("{\"model_type\": \"ernie\", \"use_task_id\": true}"))
                .hasMessageContaining("use_task_id is true");
    }

    @Test
    void readsModernBertByTheKeysOfItsFirstFilesAndOfNewOnes() throws IOException {
        var older =
                read(
                        """
                        {"model_type": "modernbert", "num_hidden_layers": 4, "local_attention": 32,
                         "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0,
                         "local_rope_theta": 20000.0, "position_embedding_type": "absolute"}
                        """);
        var newer =
                read(
                        """
                        {"model_type": "modernbert", "num_hidden_layers": 4, "local_attention": 32,
                         "layer_types": ["full_attention", "sliding_attention",
                                         "sliding_attention", "full_attention"],
                         "rope_parameters": {
                           "full_attention": {"rope_type": "default", "rope_theta": 160000.0},
                           "sliding_attention": {"rope_type": "default", "rope_theta": 20000.0}}}
                        """);
        assertThat(newer).isEqualTo(older);
        assertThat(older.maxLength()).isEqualTo(8192);
        var full = new RotaryConfig.Attention(160_000, 1, 0);
        var sliding = new RotaryConfig.Attention(20_000, 1, 16);
        assertThat(Objects.requireNonNull(older.rotary()).layers())
                .containsExactly(full, sliding, sliding, full);
    }

    @Test
    void refusesScaledPositionsAndUnknownLayersOfModernBert() {
        assertThatThrownBy(
                        () ->
                                read(
                                        """
                                        {"model_type": "modernbert", "num_hidden_layers": 1,
                                         "layer_types": ["chunked_attention"],
                                         "rope_parameters": {
                                           "full_attention": {"rope_type": "yarn"}}}
                                        """))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("layer_types is 'chunked_attention' for layer 0")
                .hasMessageContaining("has rope_type 'yarn'; supported: default, linear");
    }

    @Test
    void readsDebertaAsItsFirstFilesWriteIt() throws IOException {
        var older =
                read(
                        """
                        {"model_type": "deberta-v2", "hidden_size": 768, "num_attention_heads": 12,
                         "relative_attention": true, "position_buckets": 256,
                         "max_relative_positions": -1, "norm_rel_ebd": "layer_norm",
                         "share_att_key": true, "pos_att_type": "p2c|c2p", "type_vocab_size": 0,
                         "position_biased_input": false, "conv_kernel_size": 0}
                        """);
        assertThat(older.disentangled())
                .isEqualTo(
                        new DisentangledConfig(
                                false,
                                3,
                                new DisentangledConfig.Relative(
                                        new DistanceBuckets(256, 512, 512), true, true, true, true),
                                null));
        assertThat(older.layerNormEps()).isEqualTo(1e-7);
        assertThat(older.typeVocabSize()).isZero();
    }

    @Test
    void refusesConvolutionsOfDebertaThatItCannotCompute() {
        assertThatThrownBy(
                        () ->
                                read(
                                        """
                                        {"model_type": "deberta-v2", "conv_kernel_size": 4,
                                         "conv_groups": 2, "relative_attention": true,
                                         "position_buckets": 1, "attention_head_size": 32}
                                        """))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("conv_kernel_size is 4, but only odd ones are supported")
                .hasMessageContaining("conv_groups is not 1")
                .hasMessageContaining("conv_act is missing")
                .hasMessageContaining("position_buckets is 1")
                .hasMessageContaining("attention_head_size is not");
    }

    @ParameterizedTest
    @CsvSource({
        "roberta, 512",
        "xlm-roberta, 512",
        "camembert, 512",
        "electra, 514",
        "mpnet, 512",
        "bert, 514",
        "distilbert, 514"
    })
    void positionsOfRobertaBeginAfterThePadding(String type, int longest) throws IOException {
        var config =
                read("{\"model_type\": \"%s\", \"max_position_embeddings\": 514}".formatted(type));
        assertThat(config.maxLength()).isEqualTo(longest);
    }

    @Test
    void namesTheTypesThatItKnows() {
        assertThatThrownBy(() -> read("{\"model_type\": \"t5\"}"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("model_type is 't5'")
                .hasMessageContaining("bert, distilbert, roberta, xlm-roberta, mpnet");
    }

    @Test
    void listsAllThatItCannotComputeAtOnce() {
        assertThatThrownBy(
                        () ->
                                read(
                                        """
                                        {"position_embedding_type": "relative_key", "hidden_act": "swish",
                                         "is_decoder": true, "pruned_heads": {"0": [1]}, "hidden_size": 30,
                                         "num_attention_heads": 4, "vocab_size": -1, "num_hidden_layers": "two",
                                         "layer_norm_eps": "none", "hidden_dropout_prob": 1}
                                        """))
                .isInstanceOf(MtlException.class)
                .hasMessageStartingWith(directory.resolve("config.json") + ": ")
                .hasMessageContainingAll(
                        "position_embedding_type is 'relative_key'",
                        "hidden_act is 'swish'",
                        "is_decoder is true",
                        "pruned_heads is not empty",
                        "hidden_size 30 is not a multiple of num_attention_heads 4",
                        "vocab_size is -1",
                        "num_hidden_layers is \"two\"",
                        "layer_norm_eps is \"none\"",
                        "hidden_dropout_prob is 1.0");
    }

    @Test
    void knowsOnlyTheRangesThatTheReferenceComputes() {
        assertThatThrownBy(
                        () ->
                                read(
                                        "{\"model_type\": \"mpnet\","
                                                + " \"relative_attention_num_buckets\": 16}"))
                .hasMessageContaining("relative_attention_num_buckets is 16");
    }
}
