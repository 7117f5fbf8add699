package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** What every call into the C ABI shares: return codes into exceptions, arguments into words. */
final class NativeCalls {
    private static final int LONGEST_LIST = 4;

    private NativeCalls() {}

    /** Throws if a C function gave an error; {@code call} says which one, with what. */
    static void check(int code, String call) {
        if (code != 0) {
            throw failure(call);
        }
    }

    /** The exception for a call that has just failed on this thread, with LibTorch's reason. */
    static TorchException failure(String call) {
        var reason = LibTorch.get().errorText().take();
        if (reason == null) {
            return new TorchException(call + " failed; LibTorch printed the reason on stderr");
        }
        if (reason.contains("out of memory") || reason.contains("can't allocate memory")) {
            return new TorchMemoryException(call + ": " + reason.strip());
        }
        return new TorchException(call + ": " + reason.strip());
    }

    static void deleteTensor(long handle) {
        check(
                LibTorchAbi.aoti_torch_delete_tensor_object(MemorySegment.ofAddress(handle)),
                "aoti_torch_delete_tensor_object");
    }

    /** An argument in words: tensors by dtype, shape and device. */
    static String describe(@Nullable Object argument) {
        return switch (argument) {
            case null -> "none";
            case Tensor tensor -> tensor.toString();
            case String text -> "'" + text + "'";
            case long[] numbers -> Arrays.toString(numbers);
            case List<?> list when list.size() > LONGEST_LIST ->
                    "["
                            + String.join(
                                    ", ",
                                    list.stream()
                                            .limit(LONGEST_LIST)
                                            .map(NativeCalls::describe)
                                            .toList())
                            + ", ... "
                            + list.size()
                            + " in all]";
            case List<?> list -> list.stream().map(NativeCalls::describe).toList().toString();
            default -> argument.toString();
        };
    }
}
