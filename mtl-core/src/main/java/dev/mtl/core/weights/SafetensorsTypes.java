package dev.mtl.core.weights;

import dev.mtl.torch.DType;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The names of element types in a safetensors header, in the reference implementation's order. */
final class SafetensorsTypes {

    private record Name(String text, DType dtype) {}

    private static final List<Name> NAMES =
            List.of(
                    new Name("BOOL", DType.BOOL),
                    new Name("U8", DType.UINT8),
                    new Name("I8", DType.INT8),
                    new Name("I16", DType.INT16),
                    new Name("F16", DType.FLOAT16),
                    new Name("BF16", DType.BFLOAT16),
                    new Name("I32", DType.INT32),
                    new Name("F32", DType.FLOAT32),
                    new Name("F64", DType.FLOAT64),
                    new Name("I64", DType.INT64));

    private SafetensorsTypes() {}

    /** The type of a name; null if LibTorch's C ABI or this library does not support it. */
    static @Nullable DType ofName(String text) {
        return NAMES.stream()
                .filter(name -> name.text.equals(text))
                .map(Name::dtype)
                .findFirst()
                .orElse(null);
    }

    static String nameOf(DType dtype) {
        return NAMES.get(rank(dtype)).text;
    }

    /** Larger ranks are written first, so that wide elements stay aligned. */
    static int rank(DType dtype) {
        for (var i = 0; i < NAMES.size(); i++) {
            if (NAMES.get(i).dtype == dtype) {
                return i;
            }
        }
        throw new IllegalArgumentException("safetensors has no name for " + dtype);
    }

    static String known() {
        return String.join(", ", NAMES.stream().map(Name::text).toList());
    }
}
