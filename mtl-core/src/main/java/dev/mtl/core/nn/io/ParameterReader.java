package dev.mtl.core.nn.io;

import dev.mtl.core.MtlException;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.weights.TensorSource;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.Arrays;

/** Reads parameters from weight files. */
public final class ParameterReader {
    private ParameterReader() {}

    /**
     * Reads a parameter, as FLOAT32 in main memory.
     *
     * @param name of the tensor in the file
     * @return owned by the innermost scope
     * @throws MtlException if the file has no such tensor, or one of another shape
     */
    public static Tensor read(TensorSource source, String name, ParameterSpec spec) {
        return read(source, name, spec.shape());
    }

    /** Reads a parameter of a known shape. */
    public static Tensor read(TensorSource source, String name, long[] shape) {
        var info = source.info(name);
        if (!Arrays.equals(info.shape(), shape)) {
            throw new MtlException(
                    source.file()
                            + ": '"
                            + name
                            + "' is "
                            + Arrays.toString(info.shape())
                            + ", the model needs "
                            + Arrays.toString(shape));
        }
        return Tensors.written(info.dtype(), bytes -> source.read(name, bytes), info.shape())
                .to(DType.FLOAT32);
    }
}
