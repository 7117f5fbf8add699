package dev.mtl.core.encoder;

/** The numbers that an encoder's layers compute with. */
public enum Precision {
    /** 32-bit floating point, as the model was saved. */
    FP32,
    /**
     * 8-bit integers in the linear layers, on a CPU: quantized when the model is loaded, without
     * data to calibrate with. Faster and less exact, see docs/experiments/int8.md.
     */
    INT8
}
