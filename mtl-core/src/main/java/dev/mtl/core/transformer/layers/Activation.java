package dev.mtl.core.transformer.layers;

import dev.mtl.torch.Tensor;

/** The activation function of a feed-forward block. */
public enum Activation {
    /** {@code gelu}: by the error function. */
    GELU("gelu"),
    /** {@code gelu_new} and {@code gelu_pytorch_tanh}: by the tanh approximation. */
    GELU_TANH("gelu_pytorch_tanh"),
    /** {@code relu}. */
    RELU("relu"),
    /** {@code silu}, also called swish. */
    SILU("silu");

    private final String hfName;

    Activation(String hfName) {
        this.hfName = hfName;
    }

    /** The name in Hugging Face's {@code config.json}. */
    public String hfName() {
        return hfName;
    }

    /** Applies it elementwise; the result has the shape of {@code tensor}. */
    public Tensor apply(Tensor tensor) {
        return switch (this) {
            case GELU -> tensor.gelu();
            case GELU_TANH -> tensor.geluTanh();
            case RELU -> tensor.relu();
            case SILU -> tensor.silu();
        };
    }
}
