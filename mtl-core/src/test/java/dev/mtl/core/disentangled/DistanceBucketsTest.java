package dev.mtl.core.disentangled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;

/** Rows of the position table against transformers ({@code benchmarks/peers/golden_bert.py}). */
class DistanceBucketsTest {
    private static final Path EXPECTED =
            Path.of("src/test/resources/dev/mtl/core/bert/tiny-deberta-v3/expected.json");

    @Test
    void sortsDistancesIntoTheRangesOfDeberta() throws IOException {
        var rows = JsonMapper.builder().build().readTree(EXPECTED.toFile()).path("buckets");
        var buckets = new DistanceBuckets(256, 512, 512);
        assertThat(rows).hasSize(1201);
        for (int distance = -600; distance <= 600; distance++) {
            assertThat(buckets.row(distance))
                    .as("row of %d", distance)
                    .isEqualTo(rows.get(distance + 600).asInt());
        }
    }

    @Test
    void cutsDistancesThatHaveARowEach() {
        var buckets = new DistanceBuckets(5, 0, 40);
        assertThat(buckets.row(0)).isEqualTo(5);
        assertThat(buckets.row(-5)).isZero();
        assertThat(buckets.row(-6)).isZero();
        assertThat(buckets.row(4)).isEqualTo(9);
        assertThat(buckets.row(5)).isEqualTo(9);
    }

    @Test
    void givesOnlyTheRowsOfAShortSequence() {
        var buckets = new DistanceBuckets(256, 512, 512);
        assertThat(buckets.rows(3)).isEqualTo(new DistanceBuckets.Rows(254, 5));
        assertThat(buckets.indices(3, 254)).containsExactly(2, 1, 0, 3, 2, 1, 4, 3, 2);
    }

    @Test
    void refusesMoreTokensThanPositions() {
        assertThatThrownBy(() -> new DistanceBuckets(256, 512, 512).indices(513, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("513 tokens")
                .hasMessageContaining("512 positions");
    }
}
