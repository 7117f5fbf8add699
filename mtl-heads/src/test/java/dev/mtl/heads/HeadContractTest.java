package dev.mtl.heads;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadTestKit;
import dev.mtl.heads.classification.ClassificationProvider;
import dev.mtl.heads.classification.PairClassificationProvider;
import dev.mtl.heads.classification.Reject;
import dev.mtl.heads.contrastive.ContrastiveProvider;
import dev.mtl.heads.distillation.DistillationProvider;
import dev.mtl.heads.multilabel.MultiLabelProvider;
import dev.mtl.heads.regression.PairRegressionProvider;
import dev.mtl.heads.regression.RegressionProvider;
import dev.mtl.heads.relation.RelationProvider;
import dev.mtl.heads.similarity.SimilarityProvider;
import dev.mtl.heads.span.SpanExtractionProvider;
import dev.mtl.heads.token.TaggingProvider;
import dev.mtl.heads.token.TokenClassificationProvider;
import dev.mtl.heads.token.TokenClassificationProvider.Decoding;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The shipped heads keep the contract of {@code TaskHead}. */
class HeadContractTest {
    private static Target label(String label) {
        return new Target.Category(label);
    }

    private static Target labels(String... labels) {
        return new Target.Labels(List.of(labels));
    }

    private static Target values(Double... values) {
        return new Target.Values(List.of(values));
    }

    private static Target tags(String tags) {
        return new Target.Tags(List.of(tags.split(" ")));
    }

    @Test
    void classification() {
        HeadTestKit.of(new ClassificationProvider(), new ClassificationProvider().defaults())
                .withTargets(label("a"), label("b"), label("c"), label("a"))
                .verify();
    }

    @Test
    void classificationWithWeightsAndSmoothing() {
        var settings =
                new ClassificationProvider.Settings(
                        0.1,
                        0.2,
                        new ClassWeights.Given(Map.of("a", 3.0, "c", 0.5)),
                        true,
                        null,
                        Reject.NONE);
        HeadTestKit.of(new ClassificationProvider(), settings)
                .withTargets(label("a"), label("b"), label("c"), label("a"))
                .verify();
    }

    @ParameterizedTest
    @EnumSource
    void pairClassification(Reject.Method method) {
        var settings =
                new ClassificationProvider.Settings(
                        0.1,
                        0,
                        ClassWeights.none(),
                        true,
                        null,
                        new Reject(method, 0.95, null, method == Reject.Method.NONE ? null : 0.1));
        HeadTestKit.of(new PairClassificationProvider(), settings)
                .withTargets(label("a"), label("b"), label("c"), label("a"))
                .verify();
    }

    @Test
    void pairRegression() {
        HeadTestKit.of(new PairRegressionProvider(), new PairRegressionProvider().defaults())
                .withTargets(values(0.5), values(-3.0), values(1.0))
                .verify();
    }

    @Test
    void multiLabelClassification() {
        HeadTestKit.of(new MultiLabelProvider(), new MultiLabelProvider().defaults())
                .withTargets(labels("a", "c"), labels(), labels("b"), label("a"))
                .verify();
    }

    @ParameterizedTest
    @EnumSource
    void pairRegressionWithAPooler(RegressionProvider.Loss loss) {
        HeadTestKit.of(
                        new PairRegressionProvider(),
                        new RegressionProvider.Settings(0.1, loss, 1, Pooler.TANH))
                // the first and the last have the same first text
                .withTargets(
                        values(0.5),
                        values(0.0),
                        values(1.0),
                        values(0.5),
                        values(1.0),
                        values(0.0))
                .verify();
    }

    @ParameterizedTest
    @EnumSource
    void classificationWithAPooler(Pooler pooler) {
        HeadTestKit.of(
                        new ClassificationProvider(),
                        new ClassificationProvider.Settings(
                                0.1, 0, ClassWeights.none(), true, null, Reject.NONE, 0, pooler))
                .withTargets(label("a"), label("b"), label("c"), label("a"))
                .verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none"})
    void relation(String noneLabel) {
        // the texts are "word0", "word0 word1 word2", ...
        HeadTestKit.of(
                        new RelationProvider(),
                        new RelationProvider.Settings(
                                0.1, 4, noneLabel.isEmpty() ? null : noneLabel, null))
                .withTargets(related(0, 0, "a"), related(0, 2, "b"), related(2, 1, "a"))
                .verify();
    }

    private static Target related(int first, int second, String label) {
        return new Target.Relations(
                List.of(
                        new Target.Relations.Relation(
                                new Target.Relations.Span(6 * first, 6 * first + 5),
                                new Target.Relations.Span(6 * second, 6 * second + 5),
                                label)));
    }

    @ParameterizedTest
    @EnumSource(names = {"MSE", "HUBER"})
    void regression(RegressionProvider.Loss loss) {
        HeadTestKit.of(new RegressionProvider(), new RegressionProvider.Settings(0.1, loss, 1))
                .withTargets(values(0.5, 4.0), values(-3.0, 0.1), values(1.0, 2.0))
                .verify();
    }

    @ParameterizedTest
    @EnumSource
    void tokenClassification(Decoding decoding) {
        verifyTags(
                new TokenClassificationProvider.Settings(
                        0.1, 0, ClassWeights.none(), decoding, false, true, null));
    }

    @Test
    void tokenClassificationWithWeightsAndSmoothing() {
        verifyTags(
                new TokenClassificationProvider.Settings(
                        0.1,
                        0.1,
                        new ClassWeights.Given(Map.of("O", 0.2)),
                        Decoding.CONSTRAINED,
                        false,
                        true,
                        null));
    }

    @ParameterizedTest
    @EnumSource
    void tokenClassificationWithACrf(Decoding decoding) {
        verifyTags(
                new TokenClassificationProvider.Settings(
                        0.1, 0, ClassWeights.none(), decoding, true, true, null));
    }

    private static void verifyTags(TokenClassificationProvider.Settings settings) {
        HeadTestKit.of(new TokenClassificationProvider(), settings)
                .withTargets(tags("O B-x I-x O B-y"), tags("B-x"), tags("O O I-x"))
                .verify();
    }

    @Test
    void tagging() {
        HeadTestKit.of(
                        new TaggingProvider(),
                        new TaggingProvider.Settings(
                                0.1, 0.1, new ClassWeights.Given(Map.of("DET", 0.2)), true, null))
                .withTargets(tags("DET NOUN VERB B-x DET"), tags("VERB"), tags("B-x NOUN B-x"))
                .verify();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void spanExtraction(boolean noAnswer) {
        // the second texts are "word0 word1", "word0 word1 word2 word3", ...
        HeadTestKit.of(
                        new SpanExtractionProvider(),
                        new SpanExtractionProvider.Settings(0.1, 8, 30, noAnswer, true, null))
                .withTargets(
                        new Target.Answers(List.of(new Target.Answers.Answer("word1", 6))),
                        new Target.Answers(List.of(new Target.Answers.Answer("word1 word2", 6))),
                        new Target.Answers(List.of()))
                .verify();
    }

    @ParameterizedTest
    @EnumSource
    void similarity(SimilarityProvider.Loss loss) {
        HeadTestKit.of(
                        new SimilarityProvider(),
                        new SimilarityProvider.Settings(loss, 5, List.of()))
                .withTargets(values(0.1), values(0.9), values(-0.4))
                .verify();
    }

    private static Target taught(int texts, int size) {
        var embeddings = new ArrayList<float[]>();
        for (int text = 0; text < texts; text++) {
            var embedding = new float[size];
            for (int i = 0; i < size; i++) {
                embedding[i] = (text * 7 + i * 5) % 11 / 5f - 1;
            }
            embeddings.add(embedding);
        }
        return new Target.Taught(new Target.Unlabelled(), embeddings);
    }

    @ParameterizedTest
    @EnumSource
    void distillation(DistillationProvider.Loss loss) {
        int texts = loss == DistillationProvider.Loss.MARGIN_MSE ? 3 : 1;
        HeadTestKit.of(
                        new DistillationProvider(),
                        new DistillationProvider.Settings(
                                "some", loss, DistillationProvider.Similarity.COSINE, 4))
                .withTargets(taught(texts, 4), taught(texts, 4), taught(texts, 4))
                .verify();
    }

    @Test
    void contrastive() {
        HeadTestKit.of(
                        new ContrastiveProvider(),
                        new ContrastiveProvider.Settings(5, true, false, 0.1, null, List.of("2")))
                .withTargets(new Target.Unlabelled(), new Target.Unlabelled(), label("a"))
                .verify();
    }
}
