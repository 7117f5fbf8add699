package dev.mtl.heads.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;

/** Against transformers' copy of SQuAD's script (benchmarks/peers/golden_answers.py). */
class AnswerTextTest {
    private static JsonNode golden() throws IOException {
        var file = Path.of("src/test/resources/dev/mtl/heads/span/answers.json").toFile();
        return new JsonMapper().readTree(file).path("scores");
    }

    @Test
    void comparesAnswersAsTheScriptOfSquad() throws IOException {
        assertThat(golden()).hasSizeGreaterThan(8);
        for (var each : golden()) {
            var predicted = each.path("predicted").asText();
            var gold = new ArrayList<String>();
            each.path("gold").forEach(text -> gold.add(text.asText()));
            assertThat(AnswerText.best(AnswerText::exact, predicted, gold))
                    .as(each.toString())
                    .isEqualTo(each.path("exact").asDouble());
            assertThat(AnswerText.best(AnswerText::f1, predicted, gold))
                    .as(each.toString())
                    .isCloseTo(each.path("f1").asDouble(), within(1e-12));
        }
    }
}
