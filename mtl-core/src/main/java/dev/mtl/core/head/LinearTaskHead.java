package dev.mtl.core.head;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A head of dropout and one linear layer, with the parameters {@code weight} and {@code bias}. A
 * subclass adds the targets, the loss, the predictions and the metric.
 *
 * @param <T> a target as the loss reads it
 */
public abstract class LinearTaskHead<T> implements TaskHead<T> {
    private final HeadInput input;
    private final HeadContext context;
    private final int outputs;
    private final double dropout;

    /**
     * Sets the layer up.
     *
     * @param input what the layer is applied to; not {@link HeadInput#SENTENCES}
     * @param context whose labels have one logit each
     * @param dropout the probability that an element of the input is dropped while training
     */
    protected LinearTaskHead(HeadInput input, HeadContext context, double dropout) {
        this(input, context, context.labels().size(), dropout);
    }

    /**
     * The same with another number of logits than labels.
     *
     * @param outputs C, the number of logits
     */
    protected LinearTaskHead(HeadInput input, HeadContext context, int outputs, double dropout) {
        this.input = input;
        this.context = context;
        this.outputs = outputs;
        this.dropout = dropout;
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(input);
    }

    @Override
    public List<ParameterSpec> parameters() {
        int width = input.isOfTokens() ? context.hiddenSize() : context.sentenceSize();
        return ParameterSpec.linear(width, outputs);
    }

    @Override
    public Optional<LinearForm> linear() {
        return Optional.of(LinearForm.of(input));
    }

    /** {@code [B, C]}, or {@code [B, S, C]} of tokens. */
    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        return mode.dropout(read(parameters, inputs), dropout)
                .linear(parameters.get("weight"), parameters.get("bias"));
    }

    /**
     * What dropout and the layer are applied to: the input, unless a subclass overrides this,
     * {@link #inputs}, {@link #parameters} and {@link #linear}.
     *
     * @param parameters by the names of {@link #parameters}
     */
    protected Tensor read(Parameters parameters, HeadInputs inputs) {
        return LinearForm.of(input).read(inputs);
    }
}
