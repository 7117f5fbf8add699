package dev.mtl.heads.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.Target.Answers.Answer;
import dev.mtl.core.head.testkit.FixedInputs;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.heads.Golden;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** By hand, and against transformers (benchmarks/peers/golden_answers.py). */
class SpanExtractionHeadTest {
    /** benchmarks/peers/golden_r_drop.py. */
    private static final double PYTORCHS_DIVERGENCE = 0.4352281616222993;

    private static final String CONTEXT = "Ann met Bo in Rome";

    private final SpanExtractionProvider provider = new SpanExtractionProvider();
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private static SpanExtractionProvider.Settings settings(boolean noAnswer) {
        return new SpanExtractionProvider.Settings(0, 2, 3, noAnswer, true, null);
    }

    private SpanExtractionHead head(SpanExtractionProvider.Settings settings) {
        return (SpanExtractionHead)
                provider.create(settings, new HeadContext("answer", 4, List.of()));
    }

    /** {@code [CLS] who [SEP]}, some words of the context, {@code [SEP]}. */
    private static TokenizedPair pair(int from, int to) {
        var first = PreTokenizedText.of("who");
        var second = PreTokenizedText.of(CONTEXT);
        int length = 4 + to - from;
        var starts = new int[length];
        var ends = new int[length];
        for (int word = from; word < to; word++) {
            starts[3 + word - from] = second.words().get(word).start();
            ends[3 + word - from] = second.words().get(word).end();
        }
        var encoding =
                new Encoding(
                        new long[length], new long[length], new int[length], starts, ends, false);
        return new TokenizedPair(first, second, encoding, 1, 2, 3, length - 1);
    }

    private static HeadBatch batch(TokenizedPair... pairs) {
        var texts = new ArrayList<PreTokenizedText>();
        var single = new ArrayList<Encoding>();
        for (var pair : pairs) {
            texts.addAll(List.of(pair.first(), pair.second()));
            single.addAll(List.of(pair.encoding(), pair.encoding()));
        }
        var encodings = List.of(pairs).stream().map(TokenizedPair::encoding).toList();
        return new HeadBatch(
                texts,
                TokenBatch.of(single, 0, Device.CPU),
                List.of(pairs),
                TokenBatch.of(encodings, 0, Device.CPU));
    }

    private static Target answer(String text) {
        return new Target.Answers(List.of(new Answer(text, CONTEXT.indexOf(text))));
    }

    private static SpanExtractionHead.Tokens encoded(Target target, TokenizedPair pair) {
        var head =
                (SpanExtractionHead)
                        new SpanExtractionProvider()
                                .create(settings(true), new HeadContext("a", 4, List.of()));
        return head.encodeTarget(target, batch(pair).example(0));
    }

    @Test
    void anAnswerIsItsFirstAndLastTokenInTheWindow() {
        assertThat(encoded(answer("Bo in"), pair(0, 5)))
                .isEqualTo(new SpanExtractionHead.Tokens(5, 6));
        assertThat(encoded(answer("Bo in"), pair(2, 5)))
                .isEqualTo(new SpanExtractionHead.Tokens(3, 4));
        assertThat(encoded(answer("o i"), pair(0, 5)))
                .as("a part of words")
                .isEqualTo(new SpanExtractionHead.Tokens(5, 6));
    }

    @Test
    void aWindowWithoutAllOfTheAnswerHasNone() {
        for (var window : List.of(pair(0, 3), pair(3, 5), pair(0, 2))) {
            assertThat(encoded(answer("Bo in"), window)).isEqualTo(SpanExtractionHead.Tokens.NONE);
        }
        assertThat(encoded(new Target.Answers(List.of()), pair(0, 5)))
                .isEqualTo(SpanExtractionHead.Tokens.NONE);
    }

    private static JsonNode golden() throws IOException {
        var file = Path.of("src/test/resources/dev/mtl/heads/span/answers.json").toFile();
        return new JsonMapper().readTree(file).path("loss");
    }

    @Test
    void lossAndGradientsAreThoseOfTransformers() throws IOException {
        var golden = golden();
        var weight =
                Autograd.requireGrad(Tensors.of(Golden.floats(golden.path("weight")), 2, 4), true);
        var bias = Autograd.requireGrad(Tensors.of(Golden.floats(golden.path("bias")), 2), true);
        var parameters = new Parameters(Map.of("weight", weight, "bias", bias));
        var batch = batch(pair(1, 4), pair(1, 4));
        var head = head(settings(true));
        var logits =
                head.forward(
                        parameters,
                        new FixedInputs(
                                Tensors.of(Golden.floats(golden.path("hidden")), 2, 7, 4), batch),
                        Mode.TRAINING);
        // tokens 3 to 5 of the first pair are "met Bo in"
        var targets =
                List.of(
                        head.encodeTarget(answer("met Bo in"), batch.example(0)),
                        head.encodeTarget(new Target.Answers(List.of()), batch.example(1)));

        var loss = head.loss(parameters, logits, batch, targets);
        Autograd.backward(loss);

        assertThat(loss.item()).isCloseTo(golden.path("loss").asDouble(), within(1e-6));
        assertThat(Objects.requireNonNull(Autograd.grad(weight).orElseThrow()).toFloats())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(Golden.floats(golden.path("weight_gradient")));
        assertThat(Autograd.grad(bias).orElseThrow().toFloats())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(Golden.floats(golden.path("bias_gradient")));
    }

    @Test
    void divergenceIsThatOfTokensWithoutPadding() {
        var one = new float[2 * 6 * 2];
        var other = one.clone();
        for (int i = 0; i < one.length; i++) {
            one[i] = (float) Math.sin(i);
            other[i] = (float) Math.cos(i);
        }
        var divergence =
                head(settings(true))
                        .divergence(
                                new Parameters(Map.of()),
                                Tensors.of(one, 2, 6, 2),
                                Tensors.of(other, 2, 6, 2),
                                batch(pair(1, 3), pair(1, 2)),
                                List.of());

        assertThat(divergence.item()).isCloseTo(PYTORCHS_DIVERGENCE, within(1e-6));
    }

    @Test
    void theLossesOfBeginningAndEndAreNamed() {
        var head = head(settings(true));
        var batch = batch(pair(1, 4));
        var target = head.encodeTarget(answer("met Bo in"), batch.example(0));
        var logits = Tensors.of(logits(7, target.first(), 1000, 0), 1, 7, 2);

        var loss = head.lossWithParts(new Parameters(Map.of()), logits, batch, List.of(target));

        assertThat(loss.parts().keySet()).containsExactly("start", "end");
        assertThat(loss.parts().get("start").item()).isZero();
        assertThat(loss.parts().get("end").item()).isCloseTo(Math.log(7), within(1e-6));
        assertThat(loss.loss().item()).isCloseTo(Math.log(7) / 2, within(1e-6));
    }

    /** Logits of begin and end, 0 but for some tokens. */
    private static float[] logits(int tokens, float... tokenBeginEnd) {
        var logits = new float[tokens * 2];
        for (int i = 0; i < tokenBeginEnd.length; i += 3) {
            logits[(int) tokenBeginEnd[i] * 2] = tokenBeginEnd[i + 1];
            logits[(int) tokenBeginEnd[i] * 2 + 1] = tokenBeginEnd[i + 2];
        }
        return logits;
    }

    private FoundAnswer found(
            SpanExtractionProvider.Settings settings, TokenizedPair pair, float[] logits) {
        return (FoundAnswer)
                head(settings)
                        .predict(
                                new Parameters(Map.of()),
                                Tensors.of(logits, 1, logits.length / 2, 2),
                                batch(pair))
                        .getFirst();
    }

    @Test
    void theBestAnswerIsOfTheSecondTextAndNotTooLong() {
        // the question's token 1 would be best, and "Ann ... Rome" has 5 tokens
        var logits = logits(9, 1, 9, 9, 3, 4, 0, 5, 1, 1, 7, 0, 4);
        var found = found(settings(false), pair(0, 5), logits);
        assertThat(found.toText()).isEqualTo("Ann met Bo");
        var entity = found.entities().getFirst();
        assertThat(CONTEXT.substring(entity.start(), entity.end())).isEqualTo("Ann met Bo");
        assertThat(found.candidates().get(1).score())
                .as("Bo in Rome and Ann, Rome, ...")
                .isEqualTo(5);
        assertThat(found.toJson()).containsOnlyKeys("answer", "start", "end", "score");
        assertThat(found.toJson(3).get("answers"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize(3);
    }

    @Test
    void noAnswerIsPredictedWhereItIsBetterThanTheBestOne() {
        var logits = logits(9, 0, 3, 3, 5, 2, 3);
        assertThat(found(settings(true), pair(0, 5), logits).toText()).isEqualTo("-");
        assertThat(found(settings(true), pair(0, 5), logits).toJson())
                .containsEntry("answer", null)
                .containsOnlyKeys("answer", "score");
        assertThat(found(settings(false), pair(0, 5), logits).toText()).isEqualTo("Bo");
        var margin = new SpanExtractionProvider.Settings(0, 2, 3, true, true, 1.5);
        assertThat(found(margin, pair(0, 5), logits).toText()).isEqualTo("Bo");
    }

    @Test
    void windowsAreOneText() {
        var settings = settings(true);
        var first = found(settings, pair(0, 3), logits(7, 0, 5, 5, 5, 3, 3));
        var second = found(settings, pair(2, 5), logits(7, 0, 2, 2, 3, 3, 3, 5, 4, 4));
        var merged = (FoundAnswer) head(settings).mergeWindows(List.<Prediction>of(first, second));
        assertThat(merged.toText()).as("8 for Rome, 7 from Bo on").isEqualTo("Rome");
        assertThat(merged.candidates())
                .extracting(Candidate::start)
                .startsWith(CONTEXT.indexOf("Rome"), CONTEXT.indexOf("Bo"));
        assertThat(merged.candidates()).doesNotHaveDuplicates();
        assertThat(merged.noneScore()).as("of the second window").isEqualTo(4);
    }

    @Test
    void scoresAreThoseOfSquadWithAndWithoutAnswers() {
        var metric = head(settings(true)).newMetric();
        var bo = found(settings(true), pair(0, 5), logits(9, 5, 2, 3));
        var none = found(settings(true), pair(0, 5), logits(9, 0, 3, 3));
        assertThat(metric.add(bo, answer("Bo"))).isTrue();
        assertThat(metric.add(bo, answer("Bo in"))).isFalse();
        assertThat(metric.add(none, new Target.Answers(List.of()))).isTrue();
        assertThat(metric.add(bo, new Target.Answers(List.of()))).isFalse();
        assertThat(metric.scores().get("f1")).isCloseTo((1 + 2 / 3.0 + 1) / 4, within(1e-12));
        assertThat(metric.scores())
                .containsEntry("exact_match", 0.5)
                .containsEntry("has_answer_exact_match", 0.5)
                .containsEntry("no_answer_accuracy", 0.5);
    }

    @Test
    void whetherThereMayBeNoAnswerIsLearned() {
        var none = new Target.Answers(List.of());
        var both = List.of(answer("Bo"), none);
        assertThat(provider.learnSettings(provider.defaults(), both).noAnswer()).isTrue();
        assertThat(provider.learnSettings(provider.defaults(), List.of(answer("Bo"))).noAnswer())
                .isFalse();
        assertThat(provider.learnSettings(settings(false), both).noAnswer()).isFalse();
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Category("a"))))
                .hasMessageContaining("takes the answers to a question")
                .hasMessageContaining("not Category");
    }

    @Test
    void theThresholdIsThatOfTheBestF1() {
        var settings = settings(true);
        var predictions = new ArrayList<FoundAnswer>();
        var targets = new ArrayList<Target>();
        // none is better by 3, 1, -1 and -3 than the best answer; the two middle ones are answers
        for (int difference : List.of(3, 1, -1, -3)) {
            predictions.add(found(settings, pair(0, 5), logits(9, 0, difference, 5, 5, 2, 3)));
            targets.add(difference == 3 ? new Target.Answers(List.of()) : answer("Bo"));
        }
        assertThat(provider.tune(settings, List.of(), predictions, targets).threshold())
                .isEqualTo(2);
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        assertThatThrownBy(() -> new SpanExtractionProvider.Settings(0, -1, 3, null, true, null))
                .hasMessage("stride is -1, it must be at least 0");
        assertThatThrownBy(() -> new SpanExtractionProvider.Settings(0, 1, 0, null, true, null))
                .hasMessage("max_answer_length is 0, it must be at least 1");
    }
}
