package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Against seqeval's figures, by benchmarks/peers/golden_entities.py. */
class EntityMetricGoldenTest {
    private static final Path GOLDEN =
            Path.of("src/test/resources/dev/mtl/heads/token/entities.json");

    static Stream<JsonNode> cases() throws IOException {
        var cases = new JsonMapper().readTree(GOLDEN.toFile()).path("cases");
        return StreamSupport.stream(cases.spliterator(), false);
    }

    private static List<String> tags(JsonNode sentence) {
        return StreamSupport.stream(sentence.spliterator(), false).map(JsonNode::asText).toList();
    }

    private static void check(Map<String, Double> scores, JsonNode expected, String what) {
        var names = List.of("precision", "recall", "f1");
        for (int i = 0; i < names.size(); i++) {
            assertThat(scores.get(names.get(i)))
                    .as("%s of %s", names.get(i), what)
                    .isCloseTo(
                            expected.get(i).asDouble(),
                            org.assertj.core.api.Assertions.within(1e-12));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheScoresOfSeqeval(JsonNode json) {
        var metric = new EntityMetric(null);
        for (int i = 0; i < json.path("gold").size(); i++) {
            metric.add(tags(json.path("predicted").get(i)), tags(json.path("gold").get(i)));
        }
        check(metric.scores(), json.path("all"), json.path("name").asText());
        for (var type : json.path("types").properties()) {
            check(metric.scoresByLabel().get(type.getKey()), type.getValue(), type.getKey());
        }
    }
}
