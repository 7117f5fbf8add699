package dev.mtl.core.nn;

/** The number format of an encoder's matrix products; weights are stored in FLOAT32. */
public enum Precision {
    /** 32-bit floating point. */
    FP32,
    /** bfloat16 by LibTorch's autocast; for training. */
    BF16,
    /**
     * 8-bit integers, for inference on a CPU: weights are quantized when the model is loaded,
     * without calibration data. Faster and less exact, see docs/experiments/int8.md.
     */
    INT8
}
