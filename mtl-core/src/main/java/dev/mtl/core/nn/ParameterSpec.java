package dev.mtl.core.nn;

/**
 * A parameter that a module needs.
 *
 * @param name within the module, such as {@code weight}
 * @param shape the size of each dimension
 * @param initializer its initial values
 */
public record ParameterSpec(String name, long[] shape, Initializer initializer) {
    public ParameterSpec {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The weight {@code [out, in]} and bias {@code [out]} of a linear layer, initialized like
     * {@code torch.nn.Linear}.
     */
    public static java.util.List<ParameterSpec> linear(int in, int out) {
        return java.util.List.of(
                new ParameterSpec("weight", new long[] {out, in}, new Initializer.Uniform(in)),
                new ParameterSpec("bias", new long[] {out}, new Initializer.Uniform(in)));
    }
}
