package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** One label a word, with figures worked out by hand. */
class TaggingHeadTest {
    private static final List<String> TAGS = List.of("B-x", "I-x", "O");

    private final TaggingProvider provider = new TaggingProvider();
    private final HeadUnderTest head = head(provider.defaults());
    private final TensorScope scope = TensorScope.open();

    private HeadUnderTest head(TaggingProvider.Settings settings) {
        return HeadUnderTest.of(
                provider.create(settings, new HeadContext("pos", 4, TAGS)), Map.of());
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** [CLS] a c ##c e [SEP]: the second of four words has no token. */
    private static HeadBatch batch() {
        var words = new int[] {-1, 0, 2, 2, 3, -1};
        int n = words.length;
        var encoding = new Encoding(new long[n], new long[n], words, new int[n], new int[n], false);
        return new HeadBatch(
                List.of(PreTokenizedText.ofWords(List.of("a", "\uFFFD", "cc", "e"))),
                TokenBatch.of(List.of(encoding), 0, Device.CPU),
                1);
    }

    /** Logits 0, but 2 for I-x at every token. */
    private static Tensor logits() {
        var values = new float[6 * 3];
        for (int token = 0; token < 6; token++) {
            values[token * 3 + 1] = 2;
        }
        return Tensors.of(values, 1, 6, 3);
    }

    private static Target tags(String tags) {
        return new Target.Tags(List.of(tags.split(" ")));
    }

    private static final double RIGHT = Math.log(Math.exp(2) + 2) - 2;
    private static final double WRONG = Math.log(Math.exp(2) + 2);

    @Test
    void theLossIsTheMeanOverWordsThatHaveTokens() {
        var targets = List.of(tags("I-x O O I-x"));
        assertThat(head.lossNormalizer(batch(), targets)).isEqualTo(3);
        assertThat(head.loss(logits(), batch(), targets).item())
                .isCloseTo((2 * RIGHT + WRONG) / 3, within(1e-6));
    }

    @Test
    void wordsCountByTheWeightsOfTheirTags() {
        var weights = new ClassWeights.Given(Map.of("O", 4.0));
        var weighing = head(new TaggingProvider.Settings(0, 0, weights, true, null));
        var targets = List.of(tags("I-x O O I-x"));
        assertThat(weighing.lossNormalizer(batch(), targets)).isEqualTo(6);
        assertThat(weighing.loss(logits(), batch(), targets).item())
                .isCloseTo((2 * RIGHT + 4 * WRONG) / 6, within(1e-6));
    }

    @Test
    void tagsFollowNoScheme() {
        var tagged = (TaggedText) head.predict(logits(), batch()).getFirst();
        assertThat(tagged.tags()).containsExactly("I-x", "", "I-x", "I-x");
        assertThat(tagged.entities())
                .as("each word stands alone")
                .extracting(Entity::text, Entity::label, Entity::start, Entity::end)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", "I-x", 0, 1),
                        org.assertj.core.groups.Tuple.tuple("cc", "I-x", 4, 6),
                        org.assertj.core.groups.Tuple.tuple("e", "I-x", 7, 8));
        assertThat(tagged.entities().getFirst().score()).isCloseTo(Math.exp(-RIGHT), within(1e-6));
        assertThat(tagged.toText()).isEqualTo("a/I-x cc/I-x e/I-x");
        assertThat(tagged.toJson()).containsOnlyKeys("words");
    }

    @Test
    void accuracyIsOverAllWords() {
        var metric = head.head().newMetric();
        var tagged = head.predict(logits(), batch()).getFirst();
        assertThat(metric.add(tagged, tags("I-x I-x I-x O"))).isFalse();
        assertThat(metric.add(tagged, tags("I-x new I-x I-x"))).isFalse();
        // 5 of 8 right; the word without tokens is not
        assertThat(metric.scores().get("accuracy")).isEqualTo(5.0 / 8);
        // I-x: 5 right of 6 predicted and 6 in the data; O and new: 0 of 1
        assertThat(metric.scores().get("macro_f1")).isCloseTo(5.0 / 6 / 3, within(1e-12));
        assertThat(metric.scoresByLabel().get("I-x")).containsEntry("support", 6.0);
        // 6 answers, each with the same confidence, 5 of them right
        assertThat(metric.scores().get("ece"))
                .isCloseTo(Math.abs(Math.exp(-RIGHT) - 5.0 / 6), within(1e-6));
        assertThatThrownBy(() -> metric.add(tagged, tags("O")))
                .hasMessage("4 predicted tags for 1 words");
    }

    @Test
    void labelsAreAllTagsInAlphabeticalOrder() {
        assertThat(provider.learnLabels(List.of(tags("VERB O"), tags("B-x VERB"))))
                .containsExactly("B-x", "O", "VERB");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Category("a"))))
                .hasMessage("tagging takes a tag for each word, not Category");
        assertThat(head.unknownLabels(tags("I-x O new B-y"))).containsExactly("new", "B-y");
    }

    @Test
    void balancedWeightsGiveEachTagTheSameShare() {
        var settings =
                provider.learnSettings(
                        new TaggingProvider.Settings(0, 0, new ClassWeights.Balanced(), true, null),
                        List.of(tags("O O O B-x")));
        assertThat(settings.classWeights())
                .isEqualTo(new ClassWeights.Given(Map.of("O", 4 / 6.0, "B-x", 2.0)));
    }

    @Test
    void theTemperatureIsFittedToWords() {
        // confidence e^2 / (e^2 + 2) = 0.787, but half of the words are wrong
        var prediction = head.predict(logits(), batch()).getFirst();
        var tuned =
                provider.tune(
                        provider.defaults(),
                        TAGS,
                        Collections.nCopies(40, prediction),
                        new ArrayList<>(Collections.nCopies(40, tags("I-x O B-x O"))));
        // the softmax of 2 / T is 1 / 3 for I-x: all logits equal
        assertThat(tuned.temperature()).isNotNull().isGreaterThan(10);
        assertThat(
                        provider.tune(
                                        provider.defaults(),
                                        TAGS,
                                        List.of(prediction),
                                        List.of(tags("I-x O B-x O")))
                                .temperature())
                .as("too few")
                .isNull();
    }
}
