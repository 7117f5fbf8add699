package dev.mtl.core.nn;

import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.List;

/** The initial values of a parameter. */
public sealed interface Initializer {
    /**
     * BERT's: a normal distribution around zero with standard deviation {@code initializer_range}.
     */
    Initializer BERT = new Normal(0.02);

    /** A FLOAT32 tensor in main memory, drawn from the thread's random stream. */
    Tensor make(long... shape);

    /**
     * The values of a tensor of the backbone's checkpoint, such as those of the head that it was
     * pretrained with.
     *
     * @param names of the tensor, of which the checkpoint has one
     * @param rowsAreLabels whether its rows belong to the labels that {@code id2label} of the
     *     checkpoint's {@code config.json} names: they are given in the order of the head's
     * @param otherwise if it has none, of another shape, or of other labels
     */
    record Pretrained(List<String> names, boolean rowsAreLabels, Initializer otherwise)
            implements Initializer {
        public Pretrained {
            names = List.copyOf(names);
        }

        /** Of a tensor whose rows are no labels. */
        public Pretrained(List<String> names, Initializer otherwise) {
            this(names, false, otherwise);
        }

        @Override
        public Tensor make(long... shape) {
            return otherwise.make(shape);
        }
    }

    /** Every element is {@code value}. */
    record Constant(double value) implements Initializer {
        @Override
        public Tensor make(long... shape) {
            return Tensors.full(DType.FLOAT32, Device.CPU, value, shape);
        }
    }

    /** A normal distribution around zero. */
    record Normal(double standardDeviation) implements Initializer {
        @Override
        public Tensor make(long... shape) {
            return Tensors.empty(DType.FLOAT32, Device.CPU, shape).normal(0, standardDeviation);
        }
    }

    /**
     * Uniform in {@code +-1 / sqrt(fanIn)}, as in {@code torch.nn.Linear}.
     *
     * @param fanIn inputs of the layer
     */
    record Uniform(int fanIn) implements Initializer {
        @Override
        public Tensor make(long... shape) {
            double bound = 1 / Math.sqrt(fanIn);
            return Tensors.empty(DType.FLOAT32, Device.CPU, shape).uniform(-bound, bound);
        }
    }
}
