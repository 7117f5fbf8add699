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
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Which token stands for which word, with figures worked out by hand. */
class TokenClassificationHeadTest {
    private static final int CLASSES = 3;

    private final TokenClassificationProvider provider = new TokenClassificationProvider();
    private final HeadUnderTest head = head(provider.defaults(), Map.of());
    private final TensorScope scope = TensorScope.open();

    private HeadUnderTest head(
            TokenClassificationProvider.Settings settings, Map<String, Tensor> parameters) {
        var context = new HeadContext("slots", 4, List.of("O", "B-x", "I-x"));
        return HeadUnderTest.of(provider.create(settings, context), parameters);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** Tokens by the word that each is a piece of, -1 for [CLS] and [SEP]. */
    private static Encoding encoding(int... words) {
        int n = words.length;
        return new Encoding(new long[n], new long[n], words, new int[n], new int[n], false);
    }

    private static HeadBatch batch(List<PreTokenizedText> texts, Encoding... encodings) {
        return new HeadBatch(texts, TokenBatch.of(List.of(encodings), 0, Device.CPU), 1);
    }

    private static PreTokenizedText words(String text) {
        return PreTokenizedText.ofWords(List.of(text.split(" ")));
    }

    private static Target tags(String tags) {
        return new Target.Tags(List.of(tags.split(" ")));
    }

    /** Logits 0, but 5 for the class of each token, row by row; -1 for none. */
    private static Tensor logits(int rows, int... classes) {
        var figures = new float[classes.length * CLASSES];
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] >= 0) {
                figures[i * CLASSES + classes[i]] = 5;
            }
        }
        return Tensors.of(figures, rows, classes.length / rows, CLASSES);
    }

    /** The cross-entropy of a right or wrong token of {@link #logits}. */
    private static double loss(boolean right) {
        return Math.log(Math.exp(5) + 2) - (right ? 5 : 0);
    }

    @Test
    void onlyAWordsFirstPieceCounts() {
        // [CLS] a b ##b ##b c [SEP]; the later pieces of b say something else
        var encoding = encoding(-1, 0, 1, 1, 1, 2, -1);
        var batch = batch(List.of(words("a b c")), encoding);
        var logits = logits(1, 2, 0, 1, 2, 2, 2, 2);
        var targets = List.of(tags("O B-x I-x"));
        assertThat(head.lossNormalizer(batch, targets)).isEqualTo(3);
        assertThat(head.loss(logits, batch, targets).item()).isCloseTo(loss(true), within(1e-6));
        assertThat(((Tagged) head.predict(logits, batch).getFirst()).tags())
                .containsExactly("O", "B-x", "I-x");
    }

    @Test
    void aWordWithoutPiecesDoesNotShiftTheOthers() {
        // what U+FFFD becomes: word 1 has no token
        var encoding = encoding(-1, 0, 2, -1);
        var batch = batch(List.of(words("a \uFFFD c")), encoding);
        var logits = logits(1, 0, 0, 2, 0);
        var targets = List.of(tags("O B-x I-x"));
        assertThat(head.lossNormalizer(batch, targets)).isEqualTo(2);
        assertThat(head.loss(logits, batch, targets).item()).isCloseTo(loss(true), within(1e-6));
        assertThat(((Tagged) head.predict(logits, batch).getFirst()).tags())
                .as("nothing goes on behind a word that is outside")
                .containsExactly("O", "O", "O");
        var greedy =
                head(
                        new TokenClassificationProvider.Settings(
                                0,
                                0,
                                ClassWeights.none(),
                                TokenClassificationProvider.Decoding.GREEDY,
                                false,
                                true,
                                null),
                        Map.of());
        var tagged = (Tagged) greedy.predict(logits, batch).getFirst();
        assertThat(tagged.tags()).containsExactly("O", "O", "I-x");
        assertThat(tagged.entities())
                .singleElement()
                .satisfies(entity -> assertThat(entity.text()).isEqualTo("c"));
    }

    @Test
    void wordsThatWereCutOffAreOutside() {
        var encoding = encoding(-1, 0, -1);
        var batch = batch(List.of(words("a b")), encoding);
        var logits = logits(1, 0, 1, 0);
        assertThat(head.lossNormalizer(batch, List.of(tags("B-x I-x")))).isEqualTo(1);
        assertThat(((Tagged) head.predict(logits, batch).getFirst()).tags())
                .containsExactly("B-x", "O");
    }

    @Test
    void wordsCountByTheWeightsOfTheirTags() {
        var weighing =
                head(
                        new TokenClassificationProvider.Settings(
                                0,
                                0,
                                new ClassWeights.Given(Map.of("I-x", 4.0)),
                                TokenClassificationProvider.Decoding.GREEDY,
                                false,
                                true,
                                null),
                        Map.of());
        var encoding = encoding(-1, 0, 1, 2, -1);
        var batch = batch(List.of(words("a b c")), encoding);
        var logits = logits(1, 0, 0, 1, 1, 0);
        var targets = List.of(tags("O B-x I-x"));
        assertThat(weighing.lossNormalizer(batch, targets)).isEqualTo(6);
        // two words right, and the third, which counts four times, wrong
        assertThat(weighing.loss(logits, batch, targets).item())
                .isCloseTo((2 * loss(true) + 4 * loss(false)) / 6, within(1e-6));
    }

    @Test
    void theLossIsTheMeanOverTheWordsOfAllTexts() {
        // 3 words right, 1 wrong; the padding of the second row says B-x
        var batch =
                batch(
                        List.of(words("a b c"), words("d")),
                        encoding(-1, 0, 1, 2, -1),
                        encoding(-1, 0, -1));
        var logits = logits(2, 0, 0, 1, 2, 0, 0, 1, 0, 1, 1);
        var targets = List.of(tags("O B-x I-x"), tags("I-x"));
        assertThat(head.loss(logits, batch, targets).item())
                .isCloseTo((3 * loss(true) + loss(false)) / 4, within(1e-6));
        assertThat(head.predict(logits, batch))
                .extracting(prediction -> ((Tagged) prediction).tags())
                .containsExactly(List.of("O", "B-x", "I-x"), List.of("B-x"));
    }

    @Test
    void entitiesAreCutFromTheTextWithTheMeanScoreOfTheirWords() {
        var text = PreTokenizedText.of("Play \uD83D\uDE00 Bohemian  Rhapsody, now");
        var names = text.wordTexts();
        var classes = new int[names.size() + 2];
        Arrays.fill(classes, 0);
        classes[1 + names.indexOf("Bohemian")] = 1;
        classes[1 + names.indexOf("Rhapsody")] = 2;
        var words = new int[classes.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = i == 0 || i == words.length - 1 ? -1 : i - 1;
        }
        var logits = logits(1, classes);
        var tagged =
                (Tagged) head.predict(logits, batch(List.of(text), encoding(words))).getFirst();
        assertThat(tagged.entities()).hasSize(1);
        var entity = tagged.entities().getFirst();
        assertThat(entity.label()).isEqualTo("x");
        assertThat(entity.text()).isEqualTo("Bohemian  Rhapsody");
        assertThat(text.text().substring(entity.start(), entity.end())).isEqualTo(entity.text());
        assertThat(entity.score()).isCloseTo(Math.exp(-loss(true)), within(1e-6));
        assertThat(tagged.toText()).isEqualTo("x='Bohemian  Rhapsody'");
        assertThat(entity.toJson().keySet())
                .containsExactly("text", "label", "start", "end", "score");
    }

    @Test
    void labelsAreLearnedWithOutsideFirst() {
        assertThat(provider.learnLabels(List.of(tags("I-b B-b"), tags("B-a O"))))
                .containsExactly("O", "B-a", "B-b", "I-b");
        assertThat(provider.learnLabels(List.of(tags("B-a")))).containsExactly("O", "B-a");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Category("a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("token-classification takes a tag for each word, not Category");
    }

    @Test
    void aTagOfAKnownTypeThatTrainingHasNotSeenIsLeftOutOfTheLoss() {
        var beginOnly =
                HeadUnderTest.of(
                        provider.create(
                                provider.defaults(),
                                new HeadContext("slots", 4, List.of("O", "B-x", "B-y"))));
        var batch = batch(List.of(words("a b c")), encoding(-1, 0, 1, 2, -1));
        var targets = List.of(tags("B-x I-x O"));
        assertThat(beginOnly.lossNormalizer(batch, targets)).isEqualTo(2);
        assertThat(beginOnly.loss(logits(1, 0, 1, 0, 0, 0), batch, targets).item())
                .isCloseTo(loss(true), within(1e-6));
    }

    @Test
    void namesTheTypesThatTrainingHasNotSeen() {
        assertThat(head.unknownLabels(tags("B-x I-x O"))).isEmpty();
        assertThat(head.unknownLabels(tags("B-y I-y B-z"))).containsExactly("y", "z");
        var beginOnly =
                HeadUnderTest.of(
                        provider.create(
                                provider.defaults(),
                                new HeadContext("slots", 4, List.of("O", "B-x"))));
        assertThat(beginOnly.unknownLabels(tags("B-x I-x")))
                .as("a longer name of a type that is known")
                .isEmpty();
        assertThatThrownBy(() -> head.unknownLabels(new Target.Labels(List.of())))
                .hasMessage("token-classification takes a tag for each word, not Labels");
    }

    @Test
    void aWordWithoutPiecesIsInTheEntityThatGoesOnBehindIt() {
        // word 1 has no token, in the loss neither
        var encoding = encoding(-1, 0, 2, 3, -1);
        var batch = batch(List.of(words("a \uFFFD c d")), encoding);
        var tagged = (Tagged) head.predict(logits(1, 0, 1, 2, 0, 0), batch).getFirst();
        assertThat(tagged.tags()).containsExactly("B-x", "I-x", "I-x", "O");
        assertThat(tagged.entities())
                .singleElement()
                .satisfies(
                        entity -> {
                            assertThat(entity.text()).isEqualTo("a \uFFFD c");
                            assertThat(entity.score())
                                    .isCloseTo(Math.exp(-loss(true)), within(1e-6));
                        });
    }

    @Test
    void aChainGoesOnBehindAWordWithoutPieces() {
        // [CLS], two words, [SEP]; transitions of 0; no sentence begins with B-x
        var start = Tensors.of(new float[] {0, -20, 0}, CLASSES);
        var crf =
                head(
                        new TokenClassificationProvider.Settings(
                                0,
                                0,
                                ClassWeights.none(),
                                TokenClassificationProvider.Decoding.CONSTRAINED,
                                true,
                                true,
                                null),
                        Map.of(
                                "crf.transitions",
                                Tensors.of(new float[CLASSES * CLASSES], CLASSES, CLASSES),
                                "crf.start_transitions",
                                start,
                                "crf.end_transitions",
                                Tensors.of(new float[CLASSES], CLASSES)));
        var batch = batch(List.of(words("a \uFFFD c")), encoding(-1, 0, 2, -1));
        var tagged = (Tagged) crf.predict(logits(1, -1, 0, 1, -1), batch).getFirst();
        assertThat(tagged.tags())
                .as("the third word begins no sentence")
                .containsExactly("O", "O", "B-x");
    }
}
