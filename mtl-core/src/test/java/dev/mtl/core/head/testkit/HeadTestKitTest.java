package dev.mtl.core.head.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.FlawedProvider.Flaw;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** The test kit finds the mistakes that authors of heads make, and says what to do. */
class HeadTestKitTest {
    private static HeadTestKit<FlawedProvider.Settings> kit(Flaw flaw) {
        return HeadTestKit.of(new FlawedProvider(), new FlawedProvider.Settings(flaw))
                .withTargets(tags("a b c a b"), tags("c"), tags("b b a"));
    }

    private static Target tags(String tags) {
        return new Target.Tags(List.of(tags.split(" ")));
    }

    @Test
    void aSoundHeadPasses() {
        kit(Flaw.NONE).verify();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    LOSS_IS_A_SUM | It must be a mean: divide the sum by lossNormalizer
                    PADDING_LEAKS | Give padding no weight (inputs.batch().tokens().attentionMask())
                    NORMALIZER_COUNTS_TEXTS | lossNormalizer must count exactly what the loss is a mean over
                    NORMALIZER_IS_NOT_ADDITIVE | it must be a sum over examples
                    USES_THE_BATCH_MEAN | compute nothing over the batch dimension
                    LOSS_WITHOUT_GRADIENT | Compute the loss by tensor operators alone, without detach()
                    DECLARES_ITSELF_LINEAR | linear() says that the logits are one linear layer on TOKENS
                    TARGETS_ARE_CAST | reject targets that the head cannot learn by an IllegalArgumentException
                    ONE_PREDICTION_TOO_FEW | predict must return one prediction for each of 3 examples, not 2
                    PREDICTS_TENSOR_TYPES | toJson() has a [F; JSON has strings, numbers
                    UNKNOWN_PRIMARY_METRIC | primaryMetric 'accuracy' is not among the scores [count]
                    FORGETS_ITS_SETTINGS | all that YAML can set must be a component of the record
                    KEEPS_A_TENSOR | the head keeps tensors beyond the scope of a call
                    """)
    void aFlawIsFoundAndExplained(Flaw flaw, String advice) {
        assertThatThrownBy(() -> kit(flaw).verify())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(advice);
    }

    @Test
    void needsTwoTargets() {
        assertThatThrownBy(
                        () ->
                                HeadTestKit.of(
                                                new FlawedProvider(),
                                                new FlawedProvider().defaults())
                                        .withTargets(tags("a")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
