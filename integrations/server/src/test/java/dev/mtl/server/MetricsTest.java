package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The metrics of a server that was asked, by the names of text-embeddings-inference. */
class MetricsTest {
    private static final Path DASHBOARD =
            Path.of("../../docs/examples/serving/grafana/dashboards/mtl.json");
    private static final Pattern METRIC = Pattern.compile("(?:te|jvm|mtl)_\\w+");

    @TempDir static Path folder;
    private static ModelServer server = null;
    private static String metrics = "";

    @BeforeAll
    static void ask() {
        server = ModelServer.start(ServerSettings.of(TinyServed.trained("model", folder, 5)));
        try (var client = Client.of(server)) {
            client.post("/embed", "{'inputs': 'play the song'}");
            client.post("/embed", "{'inputs': ['play', 'in paris']}");
            client.post("/embed", "{'inputs': []}");
            metrics = client.get("/metrics").response().body();
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<String> lines(String start) {
        return metrics.lines().filter(line -> line.startsWith(start)).toList();
    }

    private static double value(String series) {
        var line = lines(series + " ");
        assertThat(line).as(series).hasSize(1);
        return Double.parseDouble(line.getFirst().substring(series.length() + 1));
    }

    @Test
    void countsRequestsByMethodAndFailuresByKind() {
        assertThat(value("te_request_count{method=\"single\"}")).isEqualTo(1);
        assertThat(value("te_request_count{method=\"batch\"}")).isEqualTo(1);
        assertThat(value("te_request_success{method=\"single\"}")).isEqualTo(1);
        assertThat(value("te_request_success{method=\"batch\"}")).isEqualTo(1);
        assertThat(value("te_request_failure{err=\"validation\"}")).isEqualTo(1);
        assertThat(value("te_queue_size")).isZero();
    }

    @Test
    void durationsHaveTheBucketsOfTextEmbeddingsInference() {
        for (var name : List.of("", "tokenization_", "queue_", "inference_")) {
            var buckets = lines("te_request_" + name + "duration_bucket");
            assertThat(buckets).as(name).hasSize(36); // the last one holds all
            for (int i = 0; i < 35; i++) {
                double bound = 1.5e-5 * Math.pow(1.5, i);
                assertThat(Double.parseDouble(buckets.get(i).split("\"")[1]))
                        .isCloseTo(bound, within(1e-9 * bound));
            }
        }
    }

    @Test
    void countsTokensOfRequestsAndBatches() {
        assertThat(value("te_request_input_length_count")).isEqualTo(2);
        assertThat(value("te_request_input_length_sum")).isEqualTo(5 + 3 + 4);
        assertThat(value("te_batch_next_size_sum")).isEqualTo(3);
        assertThat(value("te_batch_next_tokens_sum")).isGreaterThanOrEqualTo(5 + 3 + 4);
    }

    @Test
    void hasEveryMetricOfTheDashboard() throws IOException {
        var asked = new TreeSet<String>();
        for (var query : new ObjectMapper().readTree(DASHBOARD.toFile()).findValues("expr")) {
            METRIC.matcher(query.textValue()).results().forEach(found -> asked.add(found.group()));
        }

        assertThat(asked).hasSizeGreaterThan(5);
        assertThat(asked).allSatisfy(name -> assertThat(lines(name)).isNotEmpty());
    }
}
