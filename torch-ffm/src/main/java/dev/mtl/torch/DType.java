package dev.mtl.torch;

/**
 * Element types, with the numbers that LibTorch's {@code c10::ScalarType} gives them.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/torch/headeronly/core/ScalarType.h">ScalarType.h</a>
 */
public enum DType {
    UINT8(0, 1),
    INT8(1, 1),
    INT16(2, 2),
    INT32(3, 4),
    INT64(4, 8),
    FLOAT16(5, 2),
    FLOAT32(6, 4),
    FLOAT64(7, 8),
    BOOL(11, 1),
    BFLOAT16(15, 2);

    private final int code;
    private final int bytes;

    DType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The number of this type in {@code c10::ScalarType}. */
    int code() {
        return code;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether gradients can flow through tensors of this type. */
    public boolean isFloatingPoint() {
        return this == FLOAT16 || this == FLOAT32 || this == FLOAT64 || this == BFLOAT16;
    }

    /** The type with a {@code c10::ScalarType} number. */
    static DType ofCode(int code) {
        for (var type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new TorchException(
                "LibTorch gave a tensor of ScalarType " + code + ", which has no DType here");
    }
}
