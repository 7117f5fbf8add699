package dev.mtl.heads;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.List;

/**
 * What most heads begin with: dropout and one linear layer.
 *
 * @param in the width of its input
 * @param out the width of its output
 * @param dropout on its input, while training
 */
public record LinearLayer(int in, int out, double dropout) {
    /** {@code weight} and {@code bias}. */
    public List<ParameterSpec> parameters() {
        return ParameterSpec.linear(in, out);
    }

    /**
     * Runs.
     *
     * @param input {@code [..., in]}
     * @return {@code [..., out]}
     */
    public Tensor forward(Parameters parameters, Tensor input, Mode mode) {
        return mode.dropout(input, dropout)
                .linear(parameters.get("weight"), parameters.get("bias"));
    }
}
