package dev.mtl.heads.relation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.Target.Relations.Relation;
import dev.mtl.core.head.Target.Relations.Span;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** Scores worked out by hand, on a text whose tokens have one number each. */
class RelationHeadTest {
    private static final String TEXT = "Ann Lee met Bo";
    private static final Span ANN_LEE = new Span(0, 7);
    private static final Span BO = new Span(12, 14);

    private final TensorScope scope = TensorScope.open();
    private final RelationProvider provider = new RelationProvider();

    @AfterEach
    void close() {
        scope.close();
    }

    private HeadUnderTest head(@Nullable String noneLabel) {
        var settings = new RelationProvider.Settings(0, 1, noneLabel, null);
        return HeadUnderTest.of(
                provider.create(settings, new HeadContext("a", 1, List.of("knows", "none"))),
                Map.of(
                        "dense.weight", Tensors.of(new float[] {1, 2, -1}, 3, 1),
                        "dense.bias", Tensors.of(new float[] {0.5f, 0, 1}, 3),
                        "out.weight", Tensors.of(new float[] {1, -1}, 2, 1),
                        "out.bias", Tensors.of(new float[] {0, 0.5f}, 2)));
    }

    /** [CLS], a token for each word but the third, two for the fourth, [SEP]. */
    private static HeadBatch batch() {
        var words = new int[] {-1, 0, 1, 3, 3, -1};
        int n = words.length;
        var encoding = new Encoding(new long[n], new long[n], words, new int[n], new int[n], false);
        return new HeadBatch(
                List.of(PreTokenizedText.of(TEXT)),
                TokenBatch.of(List.of(encoding), 0, Device.CPU),
                1);
    }

    private static Tensor tokens() {
        return Tensors.of(new float[] {1, 2, 3, 4, 9, 9}, 1, 6, 1);
    }

    private static Target relation(Span first, Span second, String label) {
        return new Target.Relations(List.of(new Relation(first, second, label)));
    }

    /** Of the text 1.5; of Ann Lee as the first 5; of Bo as the second -3: ReLU of 3.5. */
    @Test
    void aPairIsScoredByTheMeansOfItsWordsAndTheFirstToken() {
        var head = head(null);
        var logits = head.forward(tokens(), batch());
        var said = (Related) head.predict(logits, batch()).getFirst();
        assertThat(said.found()).isEmpty();

        var found = said.asked(relation(ANN_LEE, BO, "none")).found().getFirst();

        assertThat(found.label()).isEqualTo("knows");
        assertThat(found.score()).isCloseTo(1 / (1 + Math.exp(-3.5 - 3)), within(1e-6));
        assertThat(head.loss(logits, batch(), List.of(relation(ANN_LEE, BO, "none"))).item())
                .isCloseTo(Math.log(1 + Math.exp(6.5)), within(1e-5));
    }

    /** Of Bo as the first 8, of Ann Lee as the second -1.5. */
    @Test
    void pairsOfEntitiesThatTheDataDoesNotNameHaveNoRelationIfThereIsALabelForThat() {
        var one = List.of(relation(ANN_LEE, BO, "knows"));
        var logits = head(null).forward(tokens(), batch());
        assertThat(head(null).lossNormalizer(batch(), one)).isEqualTo(1);
        assertThat(head("none").lossNormalizer(batch(), one)).isEqualTo(2);
        double named = Math.log(1 + Math.exp(-6.5));
        double other = Math.log(1 + Math.exp(1.5 + 8 - 1.5 - (0.5 - 8)));
        assertThat(head("none").loss(logits, batch(), one).item())
                .isCloseTo((named + other) / 2, within(1e-5));
    }

    @Test
    void aPairOfWordsThatTheModelDoesNotReadHasNoRelation() {
        var met = new Span(8, 11);
        var pair = relation(ANN_LEE, met, "knows");
        assertThat(head(null).lossNormalizer(batch(), List.of(pair))).isZero();
        var head = head("none");
        var said = (Related) head.predict(head.forward(tokens(), batch()), batch()).getFirst();
        assertThat(said.asked(pair).found()).isEmpty();
        assertThat(said.label(ANN_LEE, met)).isNull();
        var metric = head.head().newMetric();
        assertThat(metric.add(said, pair)).isFalse();
        assertThat(metric.add(said, relation(ANN_LEE, met, "none"))).isTrue();
        assertThat(metric.scores()).containsEntry("recall", 0.0).containsEntry("accuracy", 0.5);
    }

    @Test
    void f1LeavesOutPairsWithoutARelation() {
        var head = head("none");
        var said = (Related) head.predict(head.forward(tokens(), batch()), batch()).getFirst();
        var metric = head.head().newMetric();
        metric.add(said, relation(ANN_LEE, BO, "knows"));
        metric.add(said, relation(BO, ANN_LEE, "none")); // said to know
        assertThat(metric.scores())
                .containsEntry("precision", 0.5)
                .containsEntry("recall", 1.0)
                .containsEntry("accuracy", 0.5);
    }

    @Test
    void labelsAreLearnedAndOtherTargetsRefused() {
        var targets = List.of(relation(ANN_LEE, BO, "knows"), relation(BO, ANN_LEE, "is"));
        assertThat(provider.learnLabels(provider.defaults(), targets))
                .containsExactly("is", "knows");
        assertThat(provider.learnLabels(new RelationProvider.Settings(0, 1, "none", null), targets))
                .containsExactly("is", "knows", "none");
        assertThat(head(null).unknownLabels(relation(ANN_LEE, BO, "is"))).containsExactly("is");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Category("a"))))
                .hasMessage(
                        "relation takes a label for two entities of a text (data.kind: relations),"
                                + " not Category");
        assertThatThrownBy(() -> new RelationProvider.Settings(0, 0, null, null))
                .hasMessage("width is 0, it must be at least 1");
    }
}
