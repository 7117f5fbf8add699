package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.encoder.EmbeddingQuantizer.Format;
import dev.mtl.core.encoder.EmbeddingQuantizer.Ranges;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Against {@code quantize_embeddings} ({@code benchmarks/peers/golden_sentences.py}). */
class EmbeddingQuantizerTest {
    private static final Path EXPECTED =
            Path.of("src/test/resources/dev/mtl/core/encoder/sentence-transformers/expected.json");

    private JsonNode expected = JsonMapper.builder().build().createObjectNode();
    private float[][] calibration = {};
    private float[][] embeddings = {};

    @BeforeEach
    void read() throws IOException {
        expected = JsonMapper.builder().build().readTree(EXPECTED.toFile()).path("quantized");
        calibration = rows(expected.path("calibration"));
        embeddings = rows(expected.path("embeddings"));
    }

    private static float[][] rows(JsonNode rows) {
        var values = new float[rows.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new float[rows.get(i).size()];
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = (float) rows.get(i).get(j).asDouble();
            }
        }
        return values;
    }

    @ParameterizedTest
    @EnumSource
    void givesTheNumbersOfSentenceTransformers(Format format) {
        var quantizer = EmbeddingQuantizer.of(format, Ranges.of(calibration));
        var quantized = quantizer.quantize(embeddings);

        var numbers = expected.path(format.name().toLowerCase(Locale.ROOT));
        assertThat(quantized.length).isEqualTo(numbers.size());
        for (int i = 0; i < quantized.length; i++) {
            assertThat(quantized[i]).hasSize(numbers.get(i).size());
            for (int j = 0; j < quantized[i].length; j++) {
                assertThat(format.value(quantized[i][j]))
                        .as("%s, embedding %d, byte %d", format, i, j)
                        .isEqualTo(numbers.get(i).get(j).asInt());
            }
        }
    }

    @Test
    void rangesOfTwoSetsSpanBoth() {
        var halves =
                Ranges.of(Arrays.copyOfRange(calibration, 0, 3))
                        .and(Ranges.of(Arrays.copyOfRange(calibration, 3, 8)));
        var all = Ranges.of(calibration);

        assertThat(halves.lowest()).isEqualTo(all.lowest());
        assertThat(halves.highest()).isEqualTo(all.highest());
    }

    @Test
    void bitsNeedNoRanges() {
        assertThat(EmbeddingQuantizer.of(Format.UBINARY).quantize(new float[] {1, 0, -1, 0.5f}))
                .containsExactly(0b1001_0000);
        assertThatThrownBy(() -> EmbeddingQuantizer.of(Format.INT8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("INT8 needs ranges");
    }

    @Test
    void refusesAnEmbeddingOfAnotherModel() {
        var quantizer = EmbeddingQuantizer.of(Format.UINT8, Ranges.of(calibration));

        assertThatThrownBy(() -> quantizer.quantize(new float[7]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an embedding of 7 dimensions among those of 20");
        assertThatThrownBy(() -> Ranges.of(new float[0][]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
