package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.transformer.Activation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

    @ParameterizedTest
    @CsvSource({"roberta, 512", "xlm-roberta, 512", "mpnet, 512", "bert, 514", "distilbert, 514"})
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
