package dev.mtl.torch;

import dev.mtl.torch.Schema.Kind;
import dev.mtl.torch.Schema.Parameter;
import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Java values as {@code StableIValue}: 64-bit slots that the dispatcher consumes, so that each
 * tensor, list and string is a fresh native reference made for the one call.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/torch/csrc/stable/stableivalue_conversions.h">stableivalue_conversions.h</a>
 */
final class StableIValueEncoder {
    private StableIValueEncoder() {}

    /** Rejects closed and foreign tensors before anything is encoded. */
    static void checkUsable(@Nullable Object value) {
        if (value instanceof Tensor tensor) {
            tensor.checkUsable();
        } else if (value instanceof List<?> list) {
            list.forEach(StableIValueEncoder::checkUsable);
        }
    }

    /** The slot of an argument that {@link Schema#mismatch} accepts. */
    static long slot(Parameter parameter, @Nullable Object value) {
        if (value == null) {
            return 0;
        }
        long bare = bare(parameter.kind(), value);
        return parameter.optional() ? boxed(bare) : bare;
    }

    private static long bare(Kind kind, Object value) {
        return switch (kind) {
            case TENSOR -> ((Tensor) value).newReference();
            case INT, LAYOUT, MEMORY_FORMAT -> ((Number) value).longValue();
            case FLOAT -> Double.doubleToRawLongBits((Double) value);
            case BOOL -> (Boolean) value ? 1 : 0;
            case DTYPE -> ((DType) value).code();
            case DEVICE -> {
                var device = (Device) value;
                yield (long) device.type().code() << 32 | device.index();
            }
            case STRING -> string((String) value);
            case INT_LIST -> {
                var numbers = (long[]) value;
                long list = newList(numbers.length);
                for (long number : numbers) {
                    push(list, number);
                }
                yield list;
            }
            case TENSOR_LIST -> {
                var tensors = (List<?>) value;
                long list = newList(tensors.size());
                for (var tensor : tensors) {
                    push(list, ((Tensor) tensor).newReference());
                }
                yield list;
            }
        };
    }

    /** A present optional: a pointer to eight bytes that the call frees. */
    private static long boxed(long slot) {
        MemorySegment box;
        if (LibTorch.get().hasStableIValueAllocator()) {
            var out = Scratch.get().out();
            NativeCalls.check(LibTorchAbi.torch_new_stable_ivalue(out), "torch_new_stable_ivalue");
            box = out.get(ValueLayout.ADDRESS, 0);
        } else {
            box = LibTorchAbi._Znwm(Long.BYTES);
        }
        box.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, slot);
        return box.address();
    }

    /**
     * A string for the dispatcher. Its side makes a copy that it never frees, 32 bytes or more a
     * call (LibTorch 2.10 to 2.13, {@code ToImpl<std::string>}): no operator that runs for each
     * batch of a stream should have one.
     */
    private static long string(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var scratch = Scratch.get();
        var data = scratch.bytes(bytes.length);
        MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
        NativeCalls.check(
                LibTorchAbi.torch_new_string_handle(data, bytes.length, scratch.out()),
                "torch_new_string_handle");
        return scratch.out().get(ValueLayout.JAVA_LONG, 0);
    }

    private static long newList(int size) {
        var out = Scratch.get().out();
        NativeCalls.check(
                LibTorchAbi.torch_new_list_reserve_size(size, out), "torch_new_list_reserve_size");
        return out.get(ValueLayout.JAVA_LONG, 0);
    }

    private static void push(long list, long slot) {
        NativeCalls.check(
                LibTorchAbi.torch_list_push_back(MemorySegment.ofAddress(list), slot),
                "torch_list_push_back");
    }

    /** Lets go of an encoded slot that no call consumed. */
    static void release(Parameter parameter, long slot) {
        if (slot == 0 || parameter.optional()) {
            return; // none, or eight bytes and what they hold: a leak only after a failed
            // allocation
        }
        switch (parameter.kind()) {
            case TENSOR -> NativeCalls.deleteTensor(slot);
            case INT_LIST, TENSOR_LIST ->
                    NativeCalls.check(
                            LibTorchAbi.torch_delete_list(MemorySegment.ofAddress(slot)),
                            "torch_delete_list");
            case STRING ->
                    NativeCalls.check(
                            LibTorchAbi.torch_delete_string(MemorySegment.ofAddress(slot)),
                            "torch_delete_string");
            default -> {}
        }
    }
}
