package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.internal.WireTags;
import dev.mtl.torch.DType;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * TensorFlow's {@code BundleEntryProto}: where a tensor is in the data file.
 *
 * @param dtype null for an element type that is not supported, such as strings
 * @param crc the masked CRC-32C of the tensor's bytes
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto">tensor_bundle.proto</a>
 */
record BundleEntry(
        @Nullable DType dtype, List<Long> shape, int shard, long offset, long size, int crc) {

    /** TensorFlow's own limit, in {@code tensor_shape.h}. */
    private static final int MAX_RANK = 254;

    static BundleEntry parse(byte[] bytes) throws IOException {
        var input = CodedInputStream.newInstance(bytes);
        @Nullable DType dtype = null;
        List<Long> shape = List.of();
        var shard = 0;
        var offset = 0L;
        var size = 0L;
        var crc = 0;
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            switch (tag) {
                case WireTags.VARINT | 1 << 3 -> dtype = type(input.readEnum());
                case WireTags.BYTES | 2 << 3 -> shape = shape(input.readByteArray());
                case WireTags.VARINT | 3 << 3 -> shard = input.readInt32();
                case WireTags.VARINT | 4 << 3 -> offset = input.readInt64();
                case WireTags.VARINT | 5 << 3 -> size = input.readInt64();
                case WireTags.FIXED32 | 6 << 3 -> crc = input.readFixed32();
                case WireTags.BYTES | 7 << 3 ->
                        throw new IOException("a tensor stored in slices, which is not supported");
                default -> WireTags.skip(input, tag, 1, 2, 3, 4, 5, 6, 7);
            }
        }
        return new BundleEntry(dtype, shape, shard, offset, size, crc);
    }

    /** {@code TensorShapeProto}: dim = 2, each with size = 1. */
    private static List<Long> shape(byte[] bytes) throws IOException {
        var sizes = new ArrayList<Long>();
        var input = CodedInputStream.newInstance(bytes);
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag != (WireTags.BYTES | 2 << 3)) {
                WireTags.skip(input, tag, 2);
                continue;
            }
            if (sizes.size() == MAX_RANK) {
                throw new IOException("a tensor of more than " + MAX_RANK + " dimensions");
            }
            var dim = CodedInputStream.newInstance(input.readByteArray());
            var size = 0L;
            for (var inner = dim.readTag(); inner != 0; inner = dim.readTag()) {
                if (inner == (WireTags.VARINT | 1 << 3)) {
                    size = dim.readInt64();
                } else {
                    WireTags.skip(dim, inner, 1);
                }
            }
            sizes.add(size);
        }
        return sizes;
    }

    /** TensorFlow's {@code types.proto}. */
    private static @Nullable DType type(int number) {
        return switch (number) {
            case 1 -> DType.FLOAT32;
            case 2 -> DType.FLOAT64;
            case 3 -> DType.INT32;
            case 4 -> DType.UINT8;
            case 5 -> DType.INT16;
            case 6 -> DType.INT8;
            case 9 -> DType.INT64;
            case 10 -> DType.BOOL;
            case 14 -> DType.BFLOAT16;
            case 19 -> DType.FLOAT16;
            default -> null;
        };
    }
}
