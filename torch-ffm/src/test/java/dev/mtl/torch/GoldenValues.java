package dev.mtl.torch;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * {@code operators.json}: what PyTorch gives for single operators. Written by {@code
 * benchmarks/peers/golden_operators.py}, which describes the format.
 */
@JsonIgnoreProperties({"torch", "note"})
record GoldenValues(List<Case> cases, List<Sequence> draws) {

    static GoldenValues load() {
        var json =
                Objects.requireNonNull(
                        GoldenValues.class.getResourceAsStream("operators.json"),
                        "operators.json is missing from the test resources");
        try (json) {
            return new ObjectMapper().readValue(json, GoldenValues.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * One call.
     *
     * @param outputGradient the weights {@code w} of the loss {@code sum(output * w)}; null where
     *     the output has no gradient
     */
    record Case(
            String name,
            String operator,
            List<Input> inputs,
            JsonNode args,
            List<Values> outputs,
            @Nullable List<Double> outputGradient) {

        /** The loss whose gradients the inputs hold. */
        Tensor loss(Tensor output) {
            var weights = Objects.requireNonNull(outputGradient, "no gradient in " + this);
            return output.mul(
                            Tensors.of(doubles(weights), output.shape())
                                    .to(output.dtype())
                                    .to(output.device()))
                    .sum();
        }

        @Override
        public String toString() {
            return operator + ", " + name;
        }
    }

    /**
     * @param grad its gradient, or null if it has none
     * @param transposed two dimensions that its memory holds exchanged, or null; shape, values and
     *     gradient are given as the operator sees them
     */
    record Input(
            String name,
            String dtype,
            List<Long> shape,
            List<Double> values,
            @Nullable List<Double> grad,
            @Nullable List<Integer> transposed) {

        /**
         * The leaf that holds these values.
         *
         * @param floating what "float" stands for
         */
        Tensor leaf(DType floating, Device device, double... elements) {
            var plain =
                    Tensors.of(elements, longs(shape)).to(Values.dtype(dtype, floating)).to(device);
            var leaf =
                    transposed == null
                            ? plain
                            : plain.transpose(transposed.getFirst(), transposed.getLast())
                                    .contiguous();
            return grad == null ? leaf : Autograd.requireGrad(leaf, true);
        }

        /** The leaf, or its gradient, as the operator sees it. */
        Tensor seen(Tensor leaf) {
            return transposed == null
                    ? leaf
                    : leaf.transpose(transposed.getFirst(), transposed.getLast());
        }
    }

    /** A tensor; booleans are 0 and 1. */
    record Values(String dtype, List<Long> shape, List<Double> values) {
        static DType dtype(String name, DType floating) {
            return switch (name) {
                case "float" -> floating;
                case "int64" -> DType.INT64;
                case "bool" -> DType.BOOL;
                default -> throw new IllegalArgumentException("dtype " + name);
            };
        }
    }

    /** Random operators one after the other, after one seed. */
    record Sequence(long seed, List<Draw> steps) {}

    /** A random operator on new memory; dropout on ones. */
    record Draw(String operator, JsonNode args, List<Long> shape, List<Float> values) {}
}
