package dev.mtl.torch.dispatch;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Lists, strings and optionals as {@code StableIValue}: 64-bit stack slots that a dispatcher call
 * consumes, so that each is a fresh native object made for one call.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/torch/csrc/stable/stableivalue_conversions.h">stableivalue_conversions.h</a>
 */
final class StableIValueEncoder {
    /** The slot of an absent optional. */
    static final long NONE = 0;

    private StableIValueEncoder() {}

    /** A present optional: a pointer to eight bytes that hold the slot; the call frees it. */
    static long optional(long slot) {
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
     * A string. The dispatcher copies it and never frees the copy, 32 bytes or more per call
     * (LibTorch 2.10 to 2.13, {@code ToImpl<std::string>}): do not use operators with a string
     * argument in a loop over batches.
     */
    static long string(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var scratch = Scratch.get();
        var data = scratch.bytes(bytes.length);
        MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
        NativeCalls.check(
                LibTorchAbi.torch_new_string_handle(data, bytes.length, scratch.out()),
                "torch_new_string_handle");
        return scratch.out().get(ValueLayout.JAVA_LONG, 0);
    }

    static long list(long... slots) {
        long list = newList(slots.length);
        for (long slot : slots) {
            push(list, slot);
        }
        return list;
    }

    static long newList(int size) {
        var out = Scratch.get().out();
        NativeCalls.check(
                LibTorchAbi.torch_new_list_reserve_size(size, out), "torch_new_list_reserve_size");
        return out.get(ValueLayout.JAVA_LONG, 0);
    }

    static void push(long list, long slot) {
        NativeCalls.check(
                LibTorchAbi.torch_list_push_back(MemorySegment.ofAddress(list), slot),
                "torch_list_push_back");
    }

    /** Frees an encoded slot that no call consumed. */
    static void release(Schema.Parameter parameter, long slot) {
        if (slot == NONE || parameter.optional()) {
            // Leaks the eight bytes of a present optional, after a failed allocation only.
            return;
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
