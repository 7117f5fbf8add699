package dev.mtl.torch.loading;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/**
 * libstdc++'s {@code std::cerr} and the functions that replace its stream buffer.
 *
 * @param ostream the address of the object
 * @param ios the address of its {@code std::ios} base
 * @param bufferVtable of {@code std::streambuf}
 * @param layoutIsKnown whether all offsets and vtable entries are as this class expects
 */
record StandardErrorStream(
        SymbolLookup lookup,
        long ostream,
        long ios,
        MemorySegment bufferVtable,
        boolean layoutIsKnown) {
    /** sizeof(std::streambuf) in libstdc++: vtable pointer, six pointers, a locale. */
    static final int BUFFER_BYTES = 64;

    /** The size of std::streambuf's vtable in words. */
    static final int VTABLE_WORDS = 16;

    /** Words of a vtable (offset, type) before the address that objects point to. */
    static final int VTABLE_HEAD = 2;

    static final int SYNC = 8;
    static final int XSPUTN = 14;
    static final int OVERFLOW = 15;

    private static final String BUFFER = "St15basic_streambufIcSt11char_traitsIcEE";
    private static final long OSTREAM_TO_IOS = 8;
    private static final String IOS_RDBUF = "St9basic_iosIcSt11char_traitsIcEE5rdbufE";
    private static final String OSTREAM_INSERT =
            "_ZSt16__ostream_insertIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_PKS3_l";

    /**
     * Inspects {@code std::cerr} without changing it.
     *
     * @throws NoSuchElementException if a symbol is missing
     */
    static StandardErrorStream find(SymbolLookup lookup) {
        long ostream = lookup.findOrThrow("_ZSt4cerr").address();
        long vtable = word(ostream);
        long offset = word(vtable - 3 * Long.BYTES);
        long ostreamVtable = lookup.findOrThrow("_ZTVSo").address() + 3 * Long.BYTES;
        var buffer =
                lookup.findOrThrow("_ZTV" + BUFFER).reinterpret((long) VTABLE_WORDS * Long.BYTES);
        var known =
                vtable == ostreamVtable
                        && offset == OSTREAM_TO_IOS
                        && buffer.getAtIndex(JAVA_LONG, 0) == 0
                        && isAt(buffer, SYNC, lookup, "4syncEv")
                        && isAt(buffer, XSPUTN, lookup, "6xsputnEPKcl")
                        && isAt(buffer, OVERFLOW, lookup, "8overflowEi");
        return new StandardErrorStream(lookup, ostream, ostream + offset, buffer, known);
    }

    void constructBuffer(long object) {
        call("_ZN" + BUFFER + "C2Ev", FunctionDescriptor.ofVoid(JAVA_LONG), object);
    }

    /**
     * Has the C library make a buffer a plain one, which drops its output, when the process exits:
     * the streams are flushed after the JVM has ended, and an upcall would abort the process
     * instead. The function is the constructor, which takes the buffer as its only argument.
     */
    void atExit(long object) {
        call(
                "__cxa_atexit",
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                constructor().address(),
                object,
                0L);
    }

    private MemorySegment constructor() {
        return lookup.findOrThrow("_ZN" + BUFFER + "C2Ev");
    }

    /** The current stream buffer. */
    long rdbuf() {
        var type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
        return call("_ZNK" + IOS_RDBUF + "v", type, ios);
    }

    void rdbuf(long buffer) {
        var type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);
        call("_ZN" + IOS_RDBUF + "PSt15basic_streambufIcS1_E", type, ios, buffer);
    }

    /** {@code std::cerr << text}. */
    void write(String text) {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocateFrom(text);
            var type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
            call(OSTREAM_INSERT, type, ostream, bytes.address(), bytes.byteSize() - 1);
        }
    }

    /** A virtual function of a stream buffer, by its index in the vtable. */
    MethodHandle virtual(long buffer, int word, FunctionDescriptor type) {
        long address = word(word(buffer) + (long) (word - VTABLE_HEAD) * Long.BYTES);
        return Linker.nativeLinker().downcallHandle(MemorySegment.ofAddress(address), type);
    }

    /** Calls a C++ function that returns a word, or void (0 here). */
    private long call(String name, FunctionDescriptor type, Object... arguments) {
        var handle = Linker.nativeLinker().downcallHandle(lookup.findOrThrow(name), type);
        try {
            return handle.invokeWithArguments(arguments) instanceof Long word ? word : 0;
        } catch (Throwable e) {
            throw new AssertionError("C++ threw a Java exception from " + name, e);
        }
    }

    private static boolean isAt(
            MemorySegment vtable, int word, SymbolLookup lookup, String function) {
        long address = lookup.findOrThrow("_ZN" + BUFFER + function).address();
        return vtable.getAtIndex(JAVA_LONG, word) == address;
    }

    private static long word(long address) {
        return MemorySegment.ofAddress(address).reinterpret(Long.BYTES).get(JAVA_LONG, 0);
    }
}
