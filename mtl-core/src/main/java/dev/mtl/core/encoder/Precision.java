package dev.mtl.core.encoder;

/** The number format of an encoder's matrix products; weights are stored in FLOAT32. */
public enum Precision {
    /** 32-bit floating point. */
    FP32,
    /** bfloat16 by LibTorch's autocast; for training. */
    BF16,
    /**
     * <<<<<<< HEAD 8-bit integers in the linear layers, on a CPU: quantized when the model is
     * loaded, without data to calibrate with. Faster and less exact, see docs/experiments/int8.md.
     * ======= 8-bit integers, for inference on a CPU: weights are quantized when the model is
     * loaded, without calibration data. Faster and less exact, see docs/performance.md. >>>>>>>
     * 39e0477 (encoder: names of the field; pooling has a package of its own; one Precision, one
     * Pooling)
     */
    INT8
}
