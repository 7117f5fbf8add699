package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Against what the binomial distribution and McNemar's exact test say of the same answers. */
class BootstrapTest {
    private static final int ROWS = 400;
    private static final Bootstrap BOOTSTRAP = new Bootstrap(2000, 0.95);

    @TempDir private Path folder;
    private MultiTaskModel model;

    @BeforeEach
    void create() {
        model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private record Said(String label) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("label", label);
        }

        @Override
        public String toText() {
            return label;
        }
    }

    /** Predictions for examples of one task, of which some are right. */
    private ScoredData data(IntPredicate right) {
        var examples =
                IntStream.range(0, ROWS)
                        .mapToObj(
                                i ->
                                        new TokenizedExample(
                                                new Example(
                                                        i + 1,
                                                        List.of(PreTokenizedText.of("a")),
                                                        Map.of("side", new Target.Category("x"))),
                                                List.of(),
                                                Map.of()))
                        .toList();
        var predictions =
                IntStream.range(0, ROWS)
                        .mapToObj(
                                i -> {
                                    SequencedMap<String, Prediction> said = new LinkedHashMap<>();
                                    said.put("side", new Said(right.test(i) ? "x" : "y"));
                                    return said;
                                })
                        .toList();
        return new ScoredData(
                model,
                List.of(
                        new ScoredData.Part(
                                new TokenizedDataset("toy", List.of("side"), examples),
                                predictions)));
    }

    private static <T> T accuracy(Bootstrap.ByScore<T> results) {
        return Objects.requireNonNull(
                Objects.requireNonNull(results.tasks().get("side")).get("accuracy"));
    }

    @Test
    void theIntervalOfAnAccuracyIsThatOfItsBinomial() {
        var interval = accuracy(BOOTSTRAP.intervals(data(i -> i % 5 != 0), done -> {}));
        // 0.8 of 400: the standard error is 0.02
        assertThat(interval.low()).isCloseTo(0.8 - 1.96 * 0.02, within(0.004));
        assertThat(interval.high()).isCloseTo(0.8 + 1.96 * 0.02, within(0.004));
        var narrower =
                accuracy(new Bootstrap(2000, 0.5).intervals(data(i -> i % 5 != 0), done -> {}));
        assertThat(narrower.high() - narrower.low()).isCloseTo(2 * 0.6745 * 0.02, within(0.004));
    }

    @Test
    void theSameDataGivesTheSameInterval() {
        assertThat(accuracy(BOOTSTRAP.intervals(data(i -> i % 3 == 0), done -> {})))
                .isEqualTo(accuracy(BOOTSTRAP.intervals(data(i -> i % 3 == 0), done -> {})));
    }

    @Test
    void theTestOfTwoModelsIsPaired() {
        // 30 rows that only the first gets right, 12 that only the second does
        var first = data(i -> i < 300);
        var second = data(i -> (i >= 30 && i < 300) || (i >= 300 && i < 312));
        var difference = accuracy(BOOTSTRAP.differences(first, second, done -> {}));
        assertThat(difference.value()).isCloseTo(18.0 / ROWS, within(1e-12));
        // McNemar's exact test of 12 of 42: p = 0.0079
        assertThat(difference.p()).isCloseTo(0.0079, within(0.006));
        // the standard error of the difference is sqrt(42 - 18 * 18 / 400) / 400 = 0.0160
        assertThat(difference.interval().low()).isCloseTo(0.045 - 1.96 * 0.0160, within(0.004));
        assertThat(difference.interval().high()).isCloseTo(0.045 + 1.96 * 0.0160, within(0.004));
    }

    @Test
    void modelsThatSayTheSameDoNotDiffer() {
        var difference =
                accuracy(
                        BOOTSTRAP.differences(
                                data(i -> i % 5 != 0), data(i -> i % 5 != 0), done -> {}));
        assertThat(difference)
                .isEqualTo(new Bootstrap.Difference(0, new Bootstrap.Interval(0, 0), 1));
    }

    @Test
    void otherRowsCannotBeCompared() {
        var whole = data(i -> true);
        var part = whole.parts().getFirst();
        var fewer =
                new ScoredData(
                        model,
                        List.of(
                                new ScoredData.Part(
                                        part.dataset()
                                                .withExamples(
                                                        part.dataset().examples().subList(0, 9)),
                                        part.predictions().subList(0, 9))));
        assertThatThrownBy(() -> BOOTSTRAP.differences(whole, fewer, done -> {}))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("not scored on the same rows");
        assertThatThrownBy(() -> new Bootstrap(100, 95)).hasMessageContaining("confidence is 95");
    }
}
