package dev.mtl.core.head;

import dev.mtl.torch.Tensor;

/**
 * The head as one linear layer: in evaluation mode its logits are exactly {@code input * weight^T +
 * bias}, so other tools can compute them from the weights alone.
 *
 * @param input what the layer is applied to; not {@link HeadInput#SENTENCES}
 * @param weight the name of the parameter {@code [C, H]}
 * @param bias the name of the parameter {@code [C]}
 */
public record LinearForm(HeadInput input, String weight, String bias) {
    public LinearForm {
        if (input == HeadInput.SENTENCES) {
            throw new IllegalArgumentException(
                    "a linear form is applied to SENTENCE, TOKENS, PAIR or PAIR_TOKENS, not "
                            + input);
        }
    }

    /** What the layer is applied to: {@code [..., H]}. */
    public Tensor read(HeadInputs inputs) {
        return switch (input) {
            case SENTENCE -> inputs.sentence();
            case TOKENS -> inputs.tokens();
            case PAIR -> inputs.pair();
            case PAIR_TOKENS -> inputs.pairTokens();
            case SENTENCES -> throw new IllegalStateException();
        };
    }

    /** A layer whose parameters are named {@code weight} and {@code bias}. */
    public static LinearForm of(HeadInput input) {
        return new LinearForm(input, "weight", "bias");
    }
}
