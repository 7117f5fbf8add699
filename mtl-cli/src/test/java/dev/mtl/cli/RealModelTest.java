package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.mtl.core.store.StoreSettings;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.stream.IntStream;

/** bert-base-uncased as PyTorch computes it. */
@Tag("real")
class RealModelTest {
    private static final String[] TEXTS = {
        "This is a test sentence.",
        "Another sentence with different length.",
        "Machine learning is fascinating."
    };

    /** The first five of 768 values of each, by transformers and PyTorch. */
    private static final double[][] EXPECTED = {
        {0.06606375, -0.217688, -0.15390255, -0.34627596, -0.01862787},
        {0.26112017, -0.42951652, 0.02608635, 0.11721424, -0.25028437},
        {0.15958539, 0.07248507, -0.14404075, 0.04608793, 0.42710415}
    };

    @Test
    void embedsTheThreeSentencesAsPyTorchDoes() {
        var call =
                Call.mtl(
                        StoreSettings.standard().cache(),
                        "embed",
                        "--model",
                        "bert-base-uncased",
                        "--format",
                        "json",
                        TEXTS[0],
                        TEXTS[1],
                        TEXTS[2]);

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json()).hasSize(3);
        for (int i = 0; i < TEXTS.length; i++) {
            var json = call.json().get(i);
            assertThat(json.path("text").asText()).isEqualTo(TEXTS[i]);
            var embedding = json.path("embedding");
            assertThat(embedding).hasSize(768);
            assertThat(
                            IntStream.range(0, 5)
                                    .mapToDouble(d -> embedding.get(d).asDouble())
                                    .toArray())
                    .as(TEXTS[i])
                    .containsExactly(EXPECTED[i], offset(2e-6));
        }
    }
}
