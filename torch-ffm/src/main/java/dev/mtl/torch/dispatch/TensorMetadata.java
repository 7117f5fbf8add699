package dev.mtl.torch.dispatch;

import dev.mtl.torch.abi.LibTorchAbi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Shape, dtype, device and memory of a tensor by its handle. {@code out} is sixteen bytes for the
 * result of the C function.
 */
public final class TensorMetadata {
    private TensorMetadata() {}

    /** The sizes of the dimensions. */
    public static long[] shape(MemorySegment handle, MemorySegment out) {
        NativeCalls.check(LibTorchAbi.aoti_torch_get_dim(handle, out), "aoti_torch_get_dim");
        long dims = out.get(ValueLayout.JAVA_LONG, 0);
        NativeCalls.check(LibTorchAbi.aoti_torch_get_sizes(handle, out), "aoti_torch_get_sizes");
        return out.get(ValueLayout.ADDRESS, 0)
                .reinterpret(dims * Long.BYTES)
                .toArray(ValueLayout.JAVA_LONG);
    }

    /** The dtype's number in {@code c10::ScalarType}. */
    public static int dtype(MemorySegment handle, MemorySegment out) {
        NativeCalls.check(LibTorchAbi.aoti_torch_get_dtype(handle, out), "aoti_torch_get_dtype");
        return out.get(ValueLayout.JAVA_INT, 0);
    }

    /** The device's number in {@code c10::DeviceType}. */
    public static int deviceType(MemorySegment handle, MemorySegment out) {
        NativeCalls.check(
                LibTorchAbi.aoti_torch_get_device_type(handle, out), "aoti_torch_get_device_type");
        return out.get(ValueLayout.JAVA_INT, 0);
    }

    /** The device's index among those of its type; 0 for the CPU. */
    public static int deviceIndex(MemorySegment handle, MemorySegment out) {
        NativeCalls.check(
                LibTorchAbi.aoti_torch_get_device_index(handle, out),
                "aoti_torch_get_device_index");
        return Math.max(0, out.get(ValueLayout.JAVA_INT, 0));
    }

    /**
     * Whether the elements lie in memory without gaps, in row-major order. False for weights that
     * are packed for a kernel, although LibTorch calls them contiguous.
     */
    public static boolean isDense(MemorySegment handle, MemorySegment out) {
        NativeCalls.check(LibTorchAbi.aoti_torch_get_layout(handle, out), "aoti_torch_get_layout");
        if (out.get(ValueLayout.JAVA_INT, 0) != LibTorchAbi.aoti_torch_layout_strided()) {
            return false;
        }
        NativeCalls.check(
                LibTorchAbi.aoti_torch_is_contiguous(handle, out), "aoti_torch_is_contiguous");
        return out.get(ValueLayout.JAVA_BOOLEAN, 0);
    }

    /**
     * The memory of a dense tensor on the CPU, valid only while {@code handle} is.
     *
     * @param bytes of all elements
     */
    public static MemorySegment memory(MemorySegment handle, MemorySegment out, long bytes) {
        NativeCalls.check(
                LibTorchAbi.aoti_torch_get_data_ptr(handle, out), "aoti_torch_get_data_ptr");
        return out.get(ValueLayout.ADDRESS, 0).reinterpret(bytes);
    }
}
