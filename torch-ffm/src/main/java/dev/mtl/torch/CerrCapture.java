package dev.mtl.torch;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Catches what LibTorch 2.10 to 2.12 print through {@code std::cerr} when a call fails, so that an
 * exception can carry it. From 2.13 on LibTorch has a function for that, and this class is not
 * used; it goes when 2.13 becomes the oldest LibTorch that MTL supports.
 *
 * <p>How: {@code std::cerr} is given a {@code std::streambuf} whose virtual functions {@code
 * xsputn}, {@code overflow} and {@code sync} are Java. libstdc++ writes to the buffer on the thread
 * that failed, inside of the call that failed, so a thread-local carries the text. All else that is
 * written goes on to the original buffer, and so does an error of a thread that Java did not call
 * on. Any symbol or layout that is not as expected means that nothing is installed.
 *
 * <p>Rules for the three upcalls: they never throw (that would end the virtual machine), log, lock
 * or call LibTorch; their parameters are numbers, since pointers would be wrapped in objects before
 * any {@code try} could catch an OutOfMemoryError. For the same reason no function of LibTorch may
 * be linked with {@link Linker.Option#critical}.
 *
 * @see <a href="https://itanium-cxx-abi.github.io/cxx-abi/abi.html#vtable-general">vtables in the
 *     Itanium C++ ABI</a>
 */
final class CerrCapture {
    /** Set to {@code false}, this system property leaves {@code std::cerr} as it is. */
    static final String PROPERTY = "mtl.torch.captureErrors";

    private static final String BUFFER = "St15basic_streambufIcSt11char_traitsIcEE";
    private static final String MARK = "Exception in aoti_torch: ";
    private static final String[] BACKTRACES = {"\nException raised from ", "\nframe #0: "};

    /** What may stand before the mark: the severity, the time and the source line. */
    private static final int LONGEST_PREFIX = 512;

    /** How much of an error is read: the message comes first, the backtrace is dropped anyway. */
    private static final int LONGEST_ERROR = 1 << 16;

    /** sizeof(std::streambuf) in libstdc++: vtable pointer, six pointers, a locale. */
    private static final int BUFFER_BYTES = 64;

    /** A vtable's words; its first two, offset and type, stand before where objects point to. */
    private static final int VTABLE_WORDS = 16;

    private static final int VTABLE_HEAD = 2;
    private static final int SYNC = 8;
    private static final int XSPUTN = 14;
    private static final int OVERFLOW = 15;

    private static final FunctionDescriptor SYNC_TYPE = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    private static final FunctionDescriptor XSPUTN_TYPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final FunctionDescriptor OVERFLOW_TYPE =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);

    private final ThreadLocal<@Nullable String> text = new ThreadLocal<>();
    private final Cerr cerr;
    private final long original;
    private final MethodHandle originalSync;
    private final MethodHandle originalXsputn;
    private final MethodHandle originalOverflow;
    private final long replacement;

    /**
     * Puts the capture in front of {@code std::cerr}. To be called once, after all of LibTorch's
     * libraries are loaded.
     *
     * @param lookup finds libstdc++'s symbols
     * @return empty if it was switched off or if anything is not as expected
     */
    static Optional<CerrCapture> install(SymbolLookup lookup) {
        var linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux");
        if (!linux || !Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
            return Optional.empty();
        }
        try {
            var cerr = Cerr.find(lookup);
            if (!cerr.layoutIsKnown()) {
                return Optional.empty();
            }
            var capture = new CerrCapture(cerr);
            // Before the buffer is changed: this refuses when the virtual machine is ending.
            Runtime.getRuntime().addShutdownHook(new Thread(capture::restore, "mtl-cerr-restore"));
            cerr.rdbuf(capture.replacement);
            if (!capture.passesSelfTest()) {
                capture.restore();
                return Optional.empty();
            }
            return Optional.of(capture);
        } catch (NoSuchElementException | IllegalStateException | IllegalAccessException e) {
            return Optional.empty();
        } catch (NoSuchMethodException e) {
            throw new AssertionError("the upcalls are methods of this class", e);
        }
    }

    /** The text of this thread's last error, which is then forgotten; null if there was none. */
    @Nullable String take() {
        var taken = text.get();
        text.remove();
        return taken;
    }

    private CerrCapture(Cerr cerr) throws NoSuchMethodException, IllegalAccessException {
        this.cerr = cerr;
        original = cerr.rdbuf();
        originalSync = cerr.virtual(original, SYNC, SYNC_TYPE);
        originalXsputn = cerr.virtual(original, XSPUTN, XSPUTN_TYPE);
        originalOverflow = cerr.virtual(original, OVERFLOW, OVERFLOW_TYPE);

        var vtable = Arena.global().allocate(JAVA_LONG, VTABLE_WORDS);
        vtable.copyFrom(cerr.bufferVtable());
        vtable.setAtIndex(JAVA_LONG, SYNC, upcall("sync", SYNC_TYPE));
        vtable.setAtIndex(JAVA_LONG, XSPUTN, upcall("xsputn", XSPUTN_TYPE));
        vtable.setAtIndex(JAVA_LONG, OVERFLOW, upcall("overflow", OVERFLOW_TYPE));

        var object = Arena.global().allocate(BUFFER_BYTES, Long.BYTES);
        replacement = object.address();
        cerr.constructBuffer(replacement);
        var expected = cerr.bufferVtable().address() + VTABLE_HEAD * Long.BYTES;
        if (object.get(JAVA_LONG, 0) != expected) {
            throw new IllegalStateException("std::streambuf's constructor did something else");
        }
        object.set(JAVA_LONG, 0, vtable.address() + VTABLE_HEAD * Long.BYTES);
    }

    private long upcall(String method, FunctionDescriptor type)
            throws NoSuchMethodException, IllegalAccessException {
        var handle = MethodHandles.lookup().bind(this, method, type.toMethodType());
        return Linker.nativeLinker().upcallStub(handle, type, Arena.global()).address();
    }

    // ---- the upcalls, found by name; `self` is C++'s `this`, which is always `replacement` ----

    /** Writes {@code size} bytes: one whole message in each call, as LibTorch's logger does it. */
    long xsputn(long self, long data, long size) {
        try {
            var error = error(data, size);
            if (error != null && calledFromJava()) {
                text.set(error);
                return size;
            }
        } catch (Throwable e) {
            // No memory, no stack: LibTorch's text is then printed, as without this class.
        }
        try {
            return (long) originalXsputn.invokeExact(original, data, size);
        } catch (Throwable e) {
            return size;
        }
    }

    int overflow(long self, int character) {
        try {
            return (int) originalOverflow.invokeExact(original, character);
        } catch (Throwable e) {
            return character;
        }
    }

    int sync(long self) {
        try {
            return (int) originalSync.invokeExact(original);
        } catch (Throwable e) {
            return 0;
        }
    }

    /** The message of an error, without the log's prefix and the backtrace; null if it is none. */
    private static @Nullable String error(long data, long size) {
        var bytes = MemorySegment.ofAddress(data).reinterpret(Math.min(size, LONGEST_ERROR));
        var message = new String(bytes.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        int start = message.indexOf(MARK);
        if (start < 0 || start > LONGEST_PREFIX) {
            return null;
        }
        message = message.substring(start + MARK.length());
        for (var backtrace : BACKTRACES) {
            int end = message.indexOf(backtrace);
            message = end < 0 ? message : message.substring(0, end);
        }
        return message.strip();
    }

    /** Whether Java frames lie below the upcall: on a thread of LibTorch's own there are none. */
    private static boolean calledFromJava() {
        var own = CerrCapture.class.getName();
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> !frame.getClassName().equals(own)));
    }

    // ---- installing ----

    private boolean passesSelfTest() {
        var message = "the capture of std::cerr is tested";
        cerr.write("[self-test] " + MARK + message + BACKTRACES[0] + "nowhere\n");
        return message.equals(take());
    }

    /** At the end of the virtual machine, and only if nobody has put another buffer there. */
    private void restore() {
        if (cerr.rdbuf() == replacement) {
            cerr.rdbuf(original);
        }
    }

    /** {@code std::cerr}, and libstdc++'s functions around it. */
    private record Cerr(
            SymbolLookup lookup,
            long ostream,
            long ios,
            MemorySegment bufferVtable,
            boolean layoutIsKnown) {
        private static final long OSTREAM_TO_IOS = 8;
        private static final String IOS_RDBUF = "St9basic_iosIcSt11char_traitsIcEE5rdbufE";
        private static final String OSTREAM_INSERT =
                "_ZSt16__ostream_insertIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_PKS3_l";

        /**
         * Looks at {@code std::cerr}, changing nothing.
         *
         * @throws NoSuchElementException if a symbol is missing
         */
        static Cerr find(SymbolLookup lookup) {
            long ostream = lookup.findOrThrow("_ZSt4cerr").address();
            long vtable = word(ostream);
            long offset = word(vtable - 3 * Long.BYTES);
            long ostreamVtable = lookup.findOrThrow("_ZTVSo").address() + 3 * Long.BYTES;
            var buffer =
                    lookup.findOrThrow("_ZTV" + BUFFER)
                            .reinterpret((long) VTABLE_WORDS * Long.BYTES);
            var known =
                    vtable == ostreamVtable
                            && offset == OSTREAM_TO_IOS
                            && buffer.getAtIndex(JAVA_LONG, 0) == 0
                            && isAt(buffer, SYNC, lookup, "4syncEv")
                            && isAt(buffer, XSPUTN, lookup, "6xsputnEPKcl")
                            && isAt(buffer, OVERFLOW, lookup, "8overflowEi");
            return new Cerr(lookup, ostream, ostream + offset, buffer, known);
        }

        void constructBuffer(long object) {
            call("_ZN" + BUFFER + "C2Ev", FunctionDescriptor.ofVoid(JAVA_LONG), object);
        }

        /** The stream buffer that is installed. */
        long rdbuf() {
            var type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
            return call("_ZNK" + IOS_RDBUF + "v", type, ios);
        }

        void rdbuf(long buffer) {
            var type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);
            call("_ZN" + IOS_RDBUF + "PSt15basic_streambufIcS1_E", type, ios, buffer);
        }

        /** What {@code std::cerr << text} does. */
        void write(String text) {
            try (var arena = Arena.ofConfined()) {
                var bytes = arena.allocateFrom(text);
                var type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
                call(OSTREAM_INSERT, type, ostream, bytes.address(), bytes.byteSize() - 1);
            }
        }

        /** A virtual function of a stream buffer, by its word in the vtable. */
        MethodHandle virtual(long buffer, int word, FunctionDescriptor type) {
            long address = word(word(buffer) + (long) (word - VTABLE_HEAD) * Long.BYTES);
            return Linker.nativeLinker().downcallHandle(MemorySegment.ofAddress(address), type);
        }

        /** Calls a C++ function that gives one word or, then 0 here, nothing. */
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
}
