package dev.mtl.torch.trust;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Writes one byte beyond memory from C++'s allocator, and frees it: what a guard must see. */
final class Overflow {
    private static final long BYTES = 100;

    private Overflow() {}

    public static void main(String[] arguments) throws Throwable {
        var allocate =
                function(
                        "_Znwm", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        var free = function("_ZdlPv", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        var memory = ((MemorySegment) allocate.invokeExact(BYTES)).reinterpret(BYTES + 1);
        memory.set(ValueLayout.JAVA_BYTE, BYTES, (byte) 42);
        free.invokeExact(memory);
        System.out.println("nobody saw it");
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        var library = SymbolLookup.libraryLookup("libstdc++.so.6", Arena.global());
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }
}
