package dev.mtl.core.pooling.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Dense.Activation;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class SentenceModulesTest {
    @TempDir Path folder;

    private void modules(String... types) throws IOException {
        var json = JsonMapper.builder().build().createArrayNode();
        for (int i = 0; i < types.length; i++) {
            var name = types[i].substring(types[i].lastIndexOf('.') + 1);
            json.addObject()
                    .put("idx", i)
                    .put("name", String.valueOf(i))
                    .put("path", i == 0 ? "" : i + "_" + name)
                    .put("type", types[i]);
        }
        Files.writeString(folder.resolve("modules.json"), json.toString());
    }

    private void pooling(String json) throws IOException {
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), json);
    }

    @Test
    void aDirectoryWithoutModulesHasThePlainMean() {
        assertThat(SentenceModules.readout(folder))
                .isEqualTo(new Readout(Pooling.MEAN, Normalization.NONE));
    }

    @ParameterizedTest
    @CsvSource({
        "mean_tokens,MEAN",
        "cls_token,CLS",
        "max_tokens,MAX",
        "mean_sqrt_len_tokens,MEAN_SQRT_LEN_TOKENS",
        "weightedmean_tokens,WEIGHTEDMEAN",
        "lasttoken,LASTTOKEN"
    })
    void readsTheFlagsOfVersions2To5(String flag, Pooling expected) throws IOException {
        modules("sentence_transformers.models.Transformer", "sentence_transformers.models.Pooling");
        var json = JsonMapper.builder().build().createObjectNode();
        json.put("word_embedding_dimension", 384);
        for (var mode : new String[] {"cls_token", "mean_tokens", "max_tokens"}) {
            json.put("pooling_mode_" + mode, false);
        }
        json.put("pooling_mode_" + flag, true);
        pooling(json.toString());

        assertThat(SentenceModules.readout(folder))
                .isEqualTo(new Readout(expected, Normalization.NONE));
    }

    @ParameterizedTest
    @CsvSource({"mean,MEAN", "cls,CLS", "max,MAX", "weightedmean,WEIGHTEDMEAN"})
    void readsTheNameOfVersion6(String name, Pooling expected) throws IOException {
        modules(
                "sentence_transformers.base.modules.transformer.Transformer",
                "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
                "sentence_transformers.base.modules.normalize.Normalize");
        pooling("{\"embedding_dimension\": 384, \"pooling_mode\": \"" + name + "\"}");

        assertThat(SentenceModules.readout(folder))
                .isEqualTo(new Readout(expected, Normalization.L2));
    }

    @Test
    void severalFlagsAreConcatenatedInTheOrderOfTheirNames() throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling(
                """
                {"pooling_mode_mean_tokens": true, "pooling_mode_lasttoken": true,
                 "pooling_mode_cls_token": true, "include_prompt": false}
                """);

        assertThat(SentenceModules.readout(folder))
                .isEqualTo(
                        new Readout(
                                List.of(Pooling.CLS, Pooling.MEAN, Pooling.LASTTOKEN),
                                false,
                                List.of(),
                                Normalization.NONE));
    }

    @Test
    void aListOfPoolingsKeepsItsOrder() throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling("{\"pooling_mode\": [\"mean\", \"lasttoken\", \"cls\"]}");

        assertThat(SentenceModules.readout(folder).poolings())
                .containsExactly(Pooling.MEAN, Pooling.LASTTOKEN, Pooling.CLS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"pooling_mode\": \"attention\"}",
                "{\"pooling_mode\": [\"mean\", \"attention\"]}",
                "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_attention\": true}"
            })
    void refusesAPoolingThatItDoesNotKnow(String config) throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling(config);

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("1_Pooling/config.json: pooling '")
                .hasMessageContaining("attention' is not known; known: mean, cls, max");
    }

    @Test
    void refusesAModuleThatItDoesNotKnow() throws IOException {
        modules("m.Transformer", "m.Pooling", "sentence_transformers.models.LSTM");
        pooling("{\"pooling_mode\": \"mean\"}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("module 'sentence_transformers.models.LSTM' is not known")
                .hasMessageContaining("Transformer, Pooling, Dense");
    }

    private void dense(String folderName, String json) throws IOException {
        Files.createDirectories(folder.resolve(folderName));
        Files.writeString(folder.resolve(folderName + "/config.json"), json);
    }

    @Test
    void aDenseHasTanhAndABiasUnlessItSaysOtherwise() throws IOException {
        modules("m.Transformer", "m.Pooling", "m.Dense", "m.Dropout", "m.Dense");
        pooling("{\"pooling_mode\": \"mean\"}");
        dense("2_Dense", "{\"in_features\": 32, \"out_features\": 8}");
        dense(
                "4_Dense",
                """
                {"in_features": 8, "out_features": 4, "bias": false, "use_residual": true,
                 "activation_function": "torch.nn.modules.linear.Identity",
                 "module_input_name": "sentence_embedding"}
                """);

        assertThat(SentenceModules.readout(folder).dense())
                .containsExactly(
                        new Dense(32, 8, true, Activation.TANH, false),
                        new Dense(8, 4, false, Activation.IDENTITY, true));
    }

    @Test
    void refusesADenseThatItDoesNotCompute() throws IOException {
        modules("m.Transformer", "m.Pooling", "m.Dense");
        pooling("{\"pooling_mode\": \"mean\"}");
        var sizes = "{\"in_features\": 32, \"out_features\": 8, ";

        dense("2_Dense", sizes + "\"activation_function\": \"torch.nn.modules.activation.ELU\"}");
        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("2_Dense/config.json: activation_function")
                .hasMessageContaining("activation.ELU' is not known; known: torch.nn.modules");

        dense("2_Dense", sizes + "\"module_input_name\": \"token_embeddings\"}");
        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("module_input_name 'token_embeddings'");
    }

    @Test
    void refusesADenseAfterNormalize() throws IOException {
        modules("m.Transformer", "m.Pooling", "m.Normalize", "m.Dense");
        pooling("{\"pooling_mode\": \"mean\"}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("a Dense after Normalize");
    }

    @Test
    void saysHowToConvertADenseWithoutSafetensors() throws IOException {
        modules("m.Transformer", "m.Pooling", "m.Dense");
        pooling("{\"pooling_mode\": \"mean\"}");
        dense("2_Dense", "{\"in_features\": 32, \"out_features\": 8}");
        Files.createFile(folder.resolve("2_Dense/pytorch_model.bin"));

        assertThatThrownBy(() -> weights(SentenceModules.readout(folder)))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("2_Dense/model.safetensors: no such file")
                .hasMessageContaining("SentenceTransformer(DIR).save(NEW_DIR)");
    }

    /** The weights that are in the folder. */
    private Parameters weights(Readout readout) {
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var owner = TensorScope.shared()) {
            SentenceModules.readWeights(folder, readout, 32, Device.CPU, owner, tensors);
            return new Parameters(tensors);
        }
    }

    @Test
    void filesThatAreNoJsonAreNamed() throws IOException {
        Files.writeString(folder.resolve("modules.json"), "[{");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("modules.json: cannot be read as JSON");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadBack(Pooling pooling) throws IOException {
        for (var normalization : Normalization.values()) {
            for (var poolings : List.of(List.of(pooling), List.of(pooling, Pooling.CLS))) {
                var directory =
                        Files.createDirectories(folder.resolve(poolings + "-" + normalization));
                var readout =
                        new Readout(
                                poolings,
                                normalization == Normalization.L2,
                                List.of(),
                                normalization);

                SentenceModules.write(directory, readout, new Parameters(Map.of()), 32, 48);

                assertThat(SentenceModules.readout(directory)).isEqualTo(readout);
                assertThat(SentenceModules.maxLength(directory)).hasValue(48);
            }
        }
    }

    @Test
    void layersAreWrittenWithTheirWeights() throws IOException {
        var readout =
                new Readout(
                        List.of(Pooling.MEAN, Pooling.MAX),
                        true,
                        List.of(
                                new Dense(64, 8, true, Activation.GELU, true),
                                new Dense(8, 8, false, Activation.SILU, true)),
                        Normalization.LAYER_NORM);
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(3)) {
            var tensors = new LinkedHashMap<String, Tensor>();
            for (var spec : readout.specs()) {
                tensors.put(spec.name(), spec.initializer().make(spec.shape()));
            }
            assertThat(tensors.keySet())
                    .containsExactly(
                            "readout.0.linear.weight",
                            "readout.0.linear.bias",
                            "readout.0.residual.weight",
                            "readout.1.linear.weight");

            SentenceModules.write(folder, readout, new Parameters(tensors), 32, 48);

            assertThat(SentenceModules.readout(folder)).isEqualTo(readout);
            assertThat(folder.resolve("4_LayerNorm/model.safetensors")).exists();
            try (var owner = TensorScope.shared()) {
                var read = new LinkedHashMap<String, Tensor>();
                SentenceModules.readWeights(folder, readout, 32, Device.CPU, owner, read);
                assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
                read.forEach(
                        (name, tensor) ->
                                assertThat(tensor.toFloats())
                                        .isEqualTo(new Parameters(tensors).get(name).toFloats()));
            }
            assertThatThrownBy(() -> weights(readout.withPooling(Pooling.CLS)))
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining("2_Dense: a Dense of 64 inputs after 32 values");
        }
    }

    @Test
    void aTrainingKeepsThePoolingThatLayersWereMadeFor() {
        var layer = List.of(new Dense(32, 8, true, Activation.TANH, false));
        var own = new Readout(List.of(Pooling.CLS), true, layer, Normalization.L2);

        assertThat(own.configured(Pooling.MEAN, Normalization.NONE))
                .isEqualTo(new Readout(List.of(Pooling.CLS), true, layer, Normalization.NONE));
        assertThat(own.configured(Pooling.CLS, Normalization.L2)).isEqualTo(own);
        assertThatThrownBy(() -> own.configured(Pooling.MAX, Normalization.NONE))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("model.pooling: max: the backbone has cls pooling, dense 32");
        assertThat(
                        new Readout(Pooling.CLS, Normalization.L2)
                                .configured(Pooling.MEAN, Normalization.NONE))
                .isEqualTo(Readout.MEAN);
    }

    @Test
    void theLongestInputIsThatOfSentenceTransformersElseOfTheTokenizer() throws IOException {
        assertThat(SentenceModules.maxLength(folder)).isEmpty();

        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"model_max_length\": 1000000000000000019884624838656}");
        assertThat(SentenceModules.maxLength(folder)).isEmpty();

        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 512}");
        assertThat(SentenceModules.maxLength(folder)).hasValue(512);

        Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 256}");
        assertThat(SentenceModules.maxLength(folder)).hasValue(256);
    }
}
