package dev.mtl.core.nn;

/**
 * A parameter that a module needs.
 *
 * @param name within the module, such as {@code weight}
 * @param shape its sizes
 * @param initializer how it begins
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
     * The weight {@code [out, in]} and bias {@code [out]} of a linear layer, begun as {@code
     * torch.nn.Linear} does.
     */
    public static java.util.List<ParameterSpec> linear(int in, int out) {
        return java.util.List.of(
                new ParameterSpec("weight", new long[] {out, in}, new Initializer.Uniform(in)),
                new ParameterSpec("bias", new long[] {out}, new Initializer.Uniform(in)));
    }
}
