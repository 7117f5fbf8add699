package dev.mtl.torch.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The activation that a linear kernel applies to its result while it is still in the cache. */
public enum Epilogue {
    /** No activation. */
    NONE,
    /** Exact GELU, with the error function. */
    GELU,
    /** The tanh approximation of GELU. */
    GELU_TANH,
    /** ReLU. */
    RELU,
    /** SiLU, {@code x * sigmoid(x)}. */
    SILU;

    /** The kernels' name of the activation, a C string. */
    MemorySegment attribute() {
        return switch (this) {
            case NONE -> Names.NONE;
            case GELU, GELU_TANH -> Names.GELU;
            case RELU -> Names.RELU;
            case SILU -> Names.SWISH;
        };
    }

    /** The kernels' name of the variant, a C string. */
    MemorySegment algorithm() {
        return this == GELU_TANH ? Names.TANH : Names.NONE;
    }

    private static final class Names {
        static final MemorySegment NONE = Arena.global().allocateFrom("none");
        static final MemorySegment GELU = Arena.global().allocateFrom("gelu");
        static final MemorySegment TANH = Arena.global().allocateFrom("tanh");
        static final MemorySegment RELU = Arena.global().allocateFrom("relu");
        static final MemorySegment SWISH = Arena.global().allocateFrom("swish");
    }
}
