package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.ProtobufMessage;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Models of SentencePiece as tokenizers, against transformers ({@code
 * benchmarks/peers/golden_sentencepiece.py}).
 */
class SentencePieceTokenizerTest {
    private static final Path MODELS =
            Path.of("src/test/resources/dev/mtl/core/store/sentencepiece");

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "deberta-v2, deberta-v2/spm.model",
        "xlm-roberta, roberta/sentencepiece.bpe.model",
        "camembert, roberta/sentencepiece.bpe.model"
    })
    void givesTheIdsOfTheFamily(String family, String file) throws IOException {
        var expected =
                JsonMapper.builder().build().readTree(MODELS.resolve("expected.json").toFile());
        var model = open(family, MODELS.resolve(file));
        try (var tokenizer = TextTokenizer.load(model.tokenizerJson(), 512)) {
            for (int i = 0; i < expected.path("texts").size(); i++) {
                var text = expected.path("texts").get(i).asText();
                assertThat(tokenizer.encode(text).ids())
                        .as(text)
                        .containsExactly(longs(expected.path(family).get(i)));
            }
        }
    }

    /** A folder as it is on the hub, whose only tokenizer is the model of SentencePiece. */
    private ModelDirectory open(String family, Path file) throws IOException {
        var source = Files.createDirectories(folder.resolve("model"));
        Files.writeString(
                source.resolve("config.json"), "{\"model_type\": \"%s\"}".formatted(family));
        Files.writeString(source.resolve("model.safetensors"), "");
        Files.copy(file, source.resolve(file.getFileName()));
        return new UserDirectories(folder.resolve("cache")).open("model", source);
    }

    private static long[] longs(JsonNode array) {
        var values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }

    @Test
    void splitsAtPunctuationAndLowercasesWhereTheSettingsSaySo() throws IOException {
        var settings =
                JsonMapper.builder()
                        .build()
                        .readTree("{\"do_lower_case\": true, \"split_by_punct\": true}");
        var json =
                SentencePieceTokenizer.convert(
                        MODELS.resolve("deberta-v2/spm.model"), "deberta-v2", settings);
        assertThat(json.at("/normalizer/normalizers/0/type").asText()).isEqualTo("Lowercase");
        assertThat(json.at("/pre_tokenizer/pretokenizers/0/type").asText())
                .isEqualTo("Punctuation");
    }

    @Test
    void namesTheFamiliesWhoseIdsItKnows() {
        assertThatThrownBy(() -> open("mpnet", MODELS.resolve("deberta-v2/spm.model")))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("'mpnet'")
                .hasMessageContaining("deberta-v2, xlm-roberta, camembert");
    }

    @Test
    void refusesTheModelOfAnotherFamily() {
        assertThatThrownBy(
                        () -> open("deberta-v2", MODELS.resolve("roberta/sentencepiece.bpe.model")))
                .hasMessageContaining("it has no [CLS]");
    }

    @Test
    void refusesAnXlmRobertaWithoutFairseqsFirstPieces() {
        assertThatThrownBy(() -> open("xlm-roberta", MODELS.resolve("deberta-v2/spm.model")))
                .hasMessageContaining("piece 0 is not <unk>");
    }

    @Test
    void refusesOtherKindsOfModels() throws IOException {
        var unknown =
                ProtobufMessage.of(
                        piece -> {
                            piece.writeString(1, "<unk>");
                            piece.writeEnum(3, 2);
                        });
        var trainer =
                ProtobufMessage.of(
                        spec -> {
                            spec.writeEnum(3, 2);
                            spec.writeBool(24, true);
                            spec.writeBool(35, true);
                        });
        var file = folder.resolve("spm.model");
        Files.write(
                file,
                ProtobufMessage.of(
                        model -> {
                            model.writeByteArray(1, unknown);
                            model.writeByteArray(2, trainer);
                        }));
        assertThatThrownBy(() -> SentencePieceModel.read(file))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("model_type is 2, not 1")
                .hasMessageContaining("byte_fallback is not supported")
                .hasMessageContaining("spaces are not one before each word");
    }

    @Test
    void saysThatAFileIsDamaged() throws IOException {
        var bytes = Files.readAllBytes(MODELS.resolve("roberta/sentencepiece.bpe.model"));
        var file = folder.resolve("spm.model");
        for (int length : new int[] {1, 20, bytes.length - 5}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> SentencePieceModel.read(file))
                    .as("%d bytes", length)
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining("is damaged, or not a model of SentencePiece");
        }
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\n");
        assertThatThrownBy(() -> SentencePieceModel.read(file)).isInstanceOf(MtlException.class);
    }

    @Test
    void convertsOrRefusesWhateverAFileSays() throws IOException {
        var bytes = Files.readAllBytes(MODELS.resolve("roberta/sentencepiece.bpe.model"));
        var random = new Random(20261);
        var file = folder.resolve("sentencepiece.bpe.model");
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            var damaged = bytes.clone();
            for (int flips = random.nextInt(8); flips >= 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);
            try {
                SentencePieceTokenizer.convert(file, "camembert", JsonFiles.object());
            } catch (MtlException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(200, 1999);
    }
}
