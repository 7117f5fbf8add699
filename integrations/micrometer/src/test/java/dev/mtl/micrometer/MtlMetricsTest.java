package dev.mtl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.testing.TinyModel;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

class MtlMetricsTest {
    @TempDir Path folder;

    @Test
    void countsCallsBatchesAndTokensOfAnEncoder() {
        TinyModel.write(folder, 5, 0.1);
        var registry = new SimpleMeterRegistry();
        try (var encoder = SentenceEncoder.load(folder.toString(), EncoderOptions.defaults())) {
            MtlMetrics.of(encoder, "tiny").bindTo(registry);
            encoder.encode("play the song");
            encoder.encode(List.of("play", "the song"));

            var calls = registry.get("mtl.call.tokens").tag("model", "tiny").summary();
            assertThat(calls.count()).isEqualTo(2);
            assertThat(calls.totalAmount()).isEqualTo(5 + 3 + 4); // [CLS] and [SEP] included
            assertThat(registry.get("mtl.batch.tokens").summary().totalAmount()).isEqualTo(12);
            assertThat(registry.get("mtl.batch.size").summary().totalAmount()).isEqualTo(3);
            assertThat(registry.get("mtl.queue.tokens").gauge().value()).isZero();
            for (var timer : List.of("mtl.tokenization", "mtl.queue", "mtl.inference")) {
                assertThat(registry.get(timer).timer().count()).as(timer).isEqualTo(2);
            }
            assertThat(registry.get("mtl.inference").timer().totalTime(TimeUnit.NANOSECONDS))
                    .isPositive();
        }
    }
}
