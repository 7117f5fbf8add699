package dev.mtl.torch.dispatch;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.error.TorchMemoryException;
import dev.mtl.torch.loading.LibTorch;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Return codes of C functions as exceptions, and arguments as text for their messages. */
public final class NativeCalls {
    private static final int MAX_DESCRIBED_ELEMENTS = 4;

    private NativeCalls() {}

    /**
     * Throws if a C function returned an error.
     *
     * @param call the function, with its arguments where that helps
     */
    public static void check(int code, String call) {
        if (code != 0) {
            throw failure(call);
        }
    }

    /** The exception for the call that has just failed on this thread, with LibTorch's reason. */
    public static TorchException failure(String call) {
        var reason = LibTorch.get().errorText().take();
        if (reason == null) {
            return new TorchException(call + " failed; LibTorch printed the reason on stderr");
        }
        if (reason.contains("out of memory") || reason.contains("can't allocate memory")) {
            return new TorchMemoryException(call + ": " + reason.strip());
        }
        return new TorchException(call + ": " + reason.strip());
    }

    /** Releases a reference to a tensor. */
    public static void deleteTensor(long handle) {
        check(
                LibTorchAbi.aoti_torch_delete_tensor_object(MemorySegment.ofAddress(handle)),
                "aoti_torch_delete_tensor_object");
    }

    /** An argument as text: tensors by dtype, shape and device, long lists abbreviated. */
    public static String describe(@Nullable Object argument) {
        return switch (argument) {
            case null -> "none";
            case String text -> "'" + text + "'";
            case long[] numbers -> Arrays.toString(numbers);
            case List<?> list -> describeList(list);
            default -> argument.toString();
        };
    }

    private static String describeList(List<?> list) {
        var first = list.stream().limit(MAX_DESCRIBED_ELEMENTS).map(NativeCalls::describe).toList();
        return list.size() <= MAX_DESCRIBED_ELEMENTS
                ? first.toString()
                : "[%s, ... (%d elements)]".formatted(String.join(", ", first), list.size());
    }
}
