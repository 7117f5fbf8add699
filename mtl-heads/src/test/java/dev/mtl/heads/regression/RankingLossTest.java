package dev.mtl.heads.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.CrossEncoderFiles;
import dev.mtl.heads.Golden;
import dev.mtl.heads.regression.RegressionHead.Figures;
import dev.mtl.heads.regression.RegressionProvider.Loss;
import dev.mtl.heads.regression.RegressionProvider.Settings;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;

/** Against sentence-transformers' losses of cross-encoders (golden_cross_encoder.py). */
class RankingLossTest {
    private static final Offset<Double> TOLERANCE = within(1e-6);

    private final JsonNode golden = CrossEncoderFiles.expected();
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private static HeadUnderTest head(Loss loss) {
        return HeadUnderTest.of(
                new PairRegressionProvider()
                        .create(new Settings(0, loss, 1), new HeadContext("a", 2, List.of("1"))));
    }

    /** Pairs of a query, which is named by its number, and a text. */
    private static HeadBatch batch(List<Integer> queries) {
        var some = HeadUnderTest.batch(queries.size(), 2);
        var texts = new ArrayList<PreTokenizedText>();
        for (int query : queries) {
            texts.add(PreTokenizedText.of("query " + query));
            texts.add(PreTokenizedText.of("text"));
        }
        return new HeadBatch(texts, some.tokens(), 2);
    }

    private List<Integer> queries() {
        var queries = new ArrayList<Integer>();
        var groups = Golden.ints(golden.path("groups"));
        for (int query = 0; query < groups.length; query++) {
            for (int i = 0; i < groups[query]; i++) {
                queries.add(query);
            }
        }
        return queries;
    }

    /** The loss of logits in their order, and of the same ones shuffled. */
    private void assertLoss(Loss loss, List<Integer> queries, float[] values, String name) {
        var logits = Golden.floats(golden.path("logits"));
        var gradients = Golden.floats(golden.path(name).path("gradient"));
        int count = values.length;
        for (int step : List.of(1, 5)) {
            var places = new ArrayList<Integer>();
            for (int i = 0; i < count; i++) {
                places.add(i * step % count);
            }
            var given = new float[count];
            var targets = new ArrayList<Target>();
            for (int i = 0; i < count; i++) {
                given[i] = logits[places.get(i)];
                targets.add(new Target.Values(List.of((double) values[places.get(i)])));
            }
            var leaf = Autograd.requireGrad(Tensors.of(given, count, 1), true);
            var batch = batch(places.stream().map(queries::get).toList());

            var value = head(loss).loss(leaf, batch, targets);
            Autograd.backward(value);

            assertThat(value.item())
                    .as(name)
                    .isCloseTo(golden.path(name).path("loss").asDouble(), TOLERANCE);
            var found = Autograd.grad(leaf).orElseThrow().toFloats();
            for (int i = 0; i < count; i++) {
                assertThat((double) found[i])
                        .as("gradient of %s, logit %d", name, places.get(i))
                        .isCloseTo(gradients[places.get(i)], TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LISTNET", "LAMBDA", "MARGIN_MSE"})
    void lossesThatCompareTextsAreThoseOfSentenceTransformers(Loss loss) {
        assertLoss(loss, queries(), Golden.floats(golden.path("grades")), loss.toString());
    }

    @Test
    void binaryCrossEntropyIsThatOfSentenceTransformers() {
        var labels = Golden.floats(golden.path("binary").path("labels"));
        assertLoss(Loss.BINARY, queries(), labels, "binary");
    }

    @Test
    void marginsOfTripletsAreThoseOfSentenceTransformers() {
        var triplets = golden.path("margin_of_triplets");
        var logits = Golden.floats(golden.path("logits"));
        var grades = Golden.floats(golden.path("grades"));
        var given = new float[6];
        var targets = new ArrayList<Target>();
        for (int i = 0; i < 6; i++) {
            int place = triplets.path("places").get(i / 2).asInt() + i % 2;
            given[i] = logits[place];
            targets.add(new Target.Values(List.of((double) grades[place])));
        }
        var loss =
                head(Loss.MARGIN_MSE)
                        .loss(Tensors.of(given, 6, 1), batch(List.of(0, 0, 1, 1, 2, 2)), targets);
        assertThat(loss.item()).isCloseTo(triplets.path("loss").asDouble(), TOLERANCE);
    }

    @Test
    void aMeanIsOverQueriesOrPairsOfTheirTexts() {
        var targets = new ArrayList<Target>();
        for (float grade : Golden.floats(golden.path("grades"))) {
            targets.add(new Target.Values(List.of((double) grade)));
        }
        var batch = batch(queries());
        assertThat(head(Loss.LISTNET).lossNormalizer(batch, targets)).isEqualTo(3);
        assertThat(head(Loss.MARGIN_MSE).lossNormalizer(batch, targets)).isEqualTo(3 + 1 + 6);
        assertThat(head(Loss.LAMBDA).lossNormalizer(batch, targets))
                .as("pairs of different grades")
                .isEqualTo(3 + 1 + 5);
        assertThat(head(Loss.BINARY).lossNormalizer(batch, List.copyOf(targets.subList(0, 2))))
                .isEqualTo(2);
    }

    @Test
    void valuesThatALossCannotLearnAreRefused() {
        var batch = batch(List.of(0));
        assertThatThrownBy(
                        () ->
                                head(Loss.BINARY)
                                        .loss(Tensors.of(new float[1], 1, 1), batch, values(1.5)))
                .hasMessage("loss binary takes values from 0 (no) to 1 (yes), not 1.5");
        assertThatThrownBy(
                        () ->
                                head(Loss.LAMBDA)
                                        .loss(Tensors.of(new float[1], 1, 1), batch, values(-1.0)))
                .hasMessageContaining("degrees of relevance from 0 to 30");
        assertThatThrownBy(
                        () ->
                                new RegressionProvider()
                                        .create(
                                                new Settings(0, Loss.LISTNET, 1),
                                                new HeadContext("a", 2, List.of("1"))))
                .hasMessageContaining("loss listnet compares the texts of a query");
        assertThatThrownBy(
                        () ->
                                new PairRegressionProvider()
                                        .create(
                                                new Settings(0, Loss.BINARY, 1),
                                                new HeadContext("a", 2, List.of("1", "2"))))
                .hasMessageContaining("loss binary takes one value for each text");
    }

    private static List<Target> values(double value) {
        return List.of(new Target.Values(List.of(value)));
    }

    /** Against scikit-learn's ndcg_score (k=10), by hand for the reciprocal ranks. */
    @Test
    void ranksTheTextsOfEachQuery() {
        var metric = head(Loss.LISTNET).head().newMetric();
        var logits = Golden.floats(golden.path("logits"));
        var grades = Golden.floats(golden.path("grades"));
        var queries = queries();
        for (int i = 0; i < logits.length; i++) {
            metric.add(
                    new Figures(List.of((double) logits[i]), "query " + queries.get(i)),
                    new Target.Values(List.of((double) grades[i])));
        }
        metric.add(new Figures(List.of(1.0), "alone"), new Target.Values(List.of(1.0)));

        assertThat(metric.scores().get("ndcg_at_10"))
                .isCloseTo(golden.path("ndcg_at_10").asDouble(), within(1e-9));
        // the best text of the third query is the second
        assertThat(metric.scores().get("mrr")).isCloseTo((1 + 1 + 0.5) / 3, within(1e-9));
        assertThat(metric.scores()).containsKeys("pearson", "mse");
    }

    /** Against scikit-learn's average_precision_score. */
    @Test
    void probabilitiesAreScoredByAveragePrecision() {
        var metric = head(Loss.BINARY).head().newMetric();
        double[] said = {0.9, 0.8, 0.8, 0.3, 0.2};
        double[] gold = {1, 0, 1, 0, 1};
        for (int i = 0; i < said.length; i++) {
            boolean right =
                    metric.add(
                            new Figures(List.of(said[i]), ""), new Target.Values(List.of(gold[i])));
            assertThat(right).isEqualTo(i == 0 || i == 2 || i == 3);
        }
        // (1/3) 1 + (1/3) (2/3) + (1/3) (3/5)
        assertThat(metric.scores().get("average_precision"))
                .isCloseTo((1 + 2 / 3.0 + 3 / 5.0) / 3, within(1e-9));
        assertThat(metric.scores()).containsEntry("accuracy", 0.6);
    }
}
