package dev.mtl.train.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Against benchmarks/peers/golden_balance.py: PyTorch's autograd and Adam, the papers' formulas.
 */
class LossBalanceTest {
    private static final Path GOLDEN =
            Path.of("src/test/resources/dev/mtl/train/golden/balance.json");

    private JsonNode golden = new JsonMapper().createObjectNode();

    @BeforeEach
    void read() throws IOException {
        golden = new JsonMapper().readTree(GOLDEN.toFile());
    }

    private static SequencedMap<String, Double> tasks(double a, double b) {
        var tasks = new LinkedHashMap<String, Double>();
        tasks.put("a", a);
        tasks.put("b", b);
        return tasks;
    }

    private static SequencedMap<String, Double> tasks(JsonNode values) {
        return tasks(values.get(0).asDouble(), values.get(1).asDouble());
    }

    private static void checkWeights(LossBalance balance, JsonNode expected) {
        assertThat(List.copyOf(balance.weights().values()))
                .usingElementComparator((x, y) -> Math.abs(x - y) < 1e-12 ? 0 : 1)
                .containsExactly(expected.get(0).asDouble(), expected.get(1).asDouble());
    }

    @Test
    void uncertaintyLearnsTheVariancesAsPyTorchDoes() {
        LossBalance balance = new UncertaintyWeights(tasks(1, 0.5), 0.01);
        for (var step : golden.path("uncertainty")) {
            checkWeights(balance, step.path("weights"));
            var losses = tasks(step.path("losses"));
            double total = balance.regularizer();
            for (var task : losses.entrySet()) {
                total += balance.weights().get(task.getKey()) * task.getValue();
            }
            assertThat(total).isCloseTo(step.path("total").asDouble(), within(1e-12));
            balance.afterStep(losses);
            var again = new UncertaintyWeights(tasks(1, 0.5), 0.01);
            again.restore(balance.state());
            balance = again;
        }
    }

    @Test
    void aTaskThatTakesNoPartKeepsItsVariance() {
        var balance = new UncertaintyWeights(tasks(1, 1), 0.01);
        balance.afterStep(Map.of("a", 2.0));
        assertThat(balance.weights()).containsEntry("b", 1.0);
        assertThat(balance.weights().get("a")).isLessThan(1.0);
    }

    @Test
    void dynamicWeightsFollowTheFallOfTheLosses() {
        LossBalance balance = new DynamicWeightAverage(tasks(1, 1), 2);
        for (var epoch : golden.path("dwa")) {
            checkWeights(balance, epoch.path("weights"));
            var losses = tasks(epoch.path("losses"));
            // a mean of two steps, on both sides of it
            balance.afterStep(tasks(losses.get("a") * 0.5, losses.get("b") * 1.25));
            balance.afterStep(tasks(losses.get("a") * 1.5, losses.get("b") * 0.75));
            var again = new DynamicWeightAverage(tasks(1, 1), 2);
            again.restore(balance.state());
            balance = again;
            balance.afterEpoch();
        }
    }

    @Test
    void gradnormLearnsTheWeightsAsPyTorchDoes() {
        GradientBalance balance = new GradNorm(tasks(1, 0.5), 1.5, 0.025);
        for (var step : golden.path("gradnorm")) {
            checkGradientWeights(balance, step, 1e-9);
            balance.afterStep(tasks(step.path("losses")));
            var again = new GradNorm(tasks(1, 0.5), 1.5, 0.025);
            again.restore(balance.state());
            balance = again;
        }
    }

    @Test
    void famoLearnsTheWeightsAsPyTorchDoes() {
        GradientBalance balance = new Famo(tasks(1, 0.5), 0.025, 1e-3);
        for (var step : golden.path("famo")) {
            checkGradientWeights(balance, step, 1e-9);
            balance.afterStep(tasks(step.path("losses")));
            assertThat(balance.readsLossesAgain()).isTrue();
            balance.afterUpdate(tasks(step.path("after")));
            var again = new Famo(tasks(1, 0.5), 0.025, 1e-3);
            again.restore(balance.state());
            balance = again;
        }
    }

    @Test
    void cagradFindsTheDirectionThatTheSolverOfScipyFinds() {
        for (var step : golden.path("cagrad")) {
            checkGradientWeights(new CaGrad(tasks(1, 1), step.path("c").asDouble()), step, 2e-4);
        }
    }

    @Test
    void withoutARadiusCagradIsThePlainSum() {
        var products = new double[][] {{2, -1}, {-1, 3}};
        var weights =
                new CaGrad(tasks(1, 1), 0)
                        .gradientWeights(List.of("a", "b"), products, tasks(1, 1));
        assertThat(weights.shared()).usingComparatorWithPrecision(1e-6).containsExactly(1, 1);
    }

    @Test
    void theBargainOfNashMtlSolvesItsEquation() {
        for (var step : golden.path("nash_mtl")) {
            checkGradientWeights(new NashMtl(tasks(1, 1)), step, 1e-5);
        }
    }

    @Test
    void gradientsThatCancelEachOtherHaveFiniteWeights() {
        var weights =
                new NashMtl(tasks(1, 1))
                        .gradientWeights(
                                List.of("a", "b"), new double[][] {{1, -1}, {-1, 1}}, tasks(1, 1));
        assertThat(weights.shared()[0]).isFinite().isPositive();
        assertThat(weights.shared()[1]).isEqualTo(weights.shared()[0], within(1e-6));
        assertThat(
                        new NashMtl(tasks(1, 1))
                                .gradientWeights(List.of("a", "b"), new double[2][2], tasks(1, 1))
                                .shared())
                .containsExactly(1, 1);
    }

    private static void checkGradientWeights(
            GradientBalance balance, JsonNode step, double tolerance) {
        int count = step.path("products").size();
        var products = new double[count][count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                products[i][j] = step.path("products").get(i).get(j).asDouble();
            }
        }
        var names = count == 2 ? List.of("a", "b") : List.of("a", "b", "c");
        var losses = step.has("losses") ? tasks(step.path("losses")) : tasks(1, 1);
        var weights = balance.gradientWeights(names, products, losses).shared();
        for (int i = 0; i < count; i++) {
            assertThat(weights[i])
                    .as("task %d", i)
                    .isCloseTo(step.path("weights").get(i).asDouble(), within(tolerance));
        }
    }

    @Test
    void staticWeightsStay() {
        var balance = new StaticWeights(tasks(1, 3));
        balance.afterStep(tasks(9, 9));
        balance.afterEpoch();
        assertThat(balance.weights()).isEqualTo(tasks(1, 3));
        assertThat(balance.regularizer()).isZero();
    }
}
