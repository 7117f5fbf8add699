package dev.mtl.torch;

import dev.mtl.torch.error.TorchException;

/**
 * Element types, with their numbers in LibTorch's {@code c10::ScalarType}.
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

    /** The size of an element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether gradients can flow through tensors of this type. */
    public boolean isFloatingPoint() {
        return this == FLOAT16 || this == FLOAT32 || this == FLOAT64 || this == BFLOAT16;
    }

    /** The type with a number in {@code c10::ScalarType}. */
    static DType ofCode(int code) {
        for (var type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new TorchException(
                "LibTorch returned a tensor of ScalarType " + code + ", which DType does not have");
    }
}
