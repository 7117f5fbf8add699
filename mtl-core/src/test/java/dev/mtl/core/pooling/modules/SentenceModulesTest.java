package dev.mtl.core.pooling.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
    @CsvSource({"mean_tokens,MEAN", "cls_token,CLS", "max_tokens,MAX"})
    void readsTheFlagsOfVersions2To5(String flag, Pooling expected) throws IOException {
        modules("sentence_transformers.models.Transformer", "sentence_transformers.models.Pooling");
        var json = JsonMapper.builder().build().createObjectNode();
        json.put("word_embedding_dimension", 384);
        for (var mode : new String[] {"cls_token", "mean_tokens", "max_tokens"}) {
            json.put("pooling_mode_" + mode, mode.equals(flag));
        }
        json.put("pooling_mode_mean_sqrt_len_tokens", false);
        pooling(json.toString());

        assertThat(SentenceModules.readout(folder))
                .isEqualTo(new Readout(expected, Normalization.NONE));
    }

    @ParameterizedTest
    @CsvSource({"mean,MEAN", "cls,CLS", "max,MAX"})
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
    void refusesSeveralPoolingsAtOnce() throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_max_tokens\": true}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("1_Pooling/config.json")
                .hasMessageContaining("exactly one of mean, cls and max")
                .hasMessageContaining("[max, mean]");
    }

    @Test
    void refusesAPoolingBesideTheKnownOnes() throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_weightedmean_tokens\": true}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("pooling_mode_weightedmean_tokens");
    }

    @Test
    void refusesAListOfPoolings() throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling("{\"pooling_mode\": [\"mean\", \"lasttoken\"]}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("[lasttoken, mean]");
    }

    @Test
    void refusesAPoolingNameThatItDoesNotKnow() throws IOException {
        modules("m.Transformer", "m.Pooling");
        pooling("{\"pooling_mode\": \"lasttoken\"}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("lasttoken");
    }

    @Test
    void refusesAModuleThatItDoesNotKnow() throws IOException {
        modules("m.Transformer", "m.Pooling", "sentence_transformers.models.Dense");
        pooling("{\"pooling_mode\": \"mean\"}");

        assertThatThrownBy(() -> SentenceModules.readout(folder))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("module 'sentence_transformers.models.Dense' is not known");
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
            var directory = Files.createDirectories(folder.resolve(pooling + "-" + normalization));
            var readout = new Readout(pooling, normalization);

            SentenceModules.write(directory, readout, 32, 48);

            assertThat(SentenceModules.readout(directory)).isEqualTo(readout);
            assertThat(SentenceModules.maxLength(directory)).hasValue(48);
        }
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
