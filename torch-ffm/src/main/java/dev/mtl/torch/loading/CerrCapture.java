package dev.mtl.torch.loading;

import static dev.mtl.torch.loading.StandardErrorStream.OVERFLOW;
import static dev.mtl.torch.loading.StandardErrorStream.SYNC;
import static dev.mtl.torch.loading.StandardErrorStream.VTABLE_HEAD;
import static dev.mtl.torch.loading.StandardErrorStream.VTABLE_WORDS;
import static dev.mtl.torch.loading.StandardErrorStream.XSPUTN;

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
import java.util.Objects;
import java.util.Optional;

/**
 * Captures the error message that LibTorch 2.10 to 2.12 print to {@code std::cerr} when a call
 * fails, so that an exception can contain it. LibTorch 2.13 has a function for that; this class
 * will be deleted when 2.13 becomes the oldest supported version.
 *
 * <p>How: {@code std::cerr} gets a {@code std::streambuf} whose virtual functions {@code xsputn},
 * {@code overflow} and {@code sync} are upcalls to Java. libstdc++ writes to the buffer on the
 * thread that failed, during the call that failed, so that a thread-local holds the text. All other
 * output is forwarded to the original buffer, and so are errors on threads that Java did not call
 * from. Nothing is installed if any symbol or layout is not as expected.
 *
 * <p>Class loaders that have an MTL each install a buffer on top of the one before. An error passes
 * through them until it reaches the one whose class loader called LibTorch.
 *
 * <p>Rules for the three upcalls: they never throw (which would abort the JVM), log, lock or call
 * LibTorch; their parameters are integers, since pointers would be wrapped in objects before any
 * {@code try} could catch an OutOfMemoryError. No function of LibTorch may be linked with {@link
 * Linker.Option#critical}: an upcall under it aborts the JVM.
 *
 * @see <a href="https://itanium-cxx-abi.github.io/cxx-abi/abi.html#vtable-general">vtables in the
 *     Itanium C++ ABI</a>
 */
final class CerrCapture {
    /** The system property that disables the capture when it is {@code false}. */
    static final String PROPERTY = "mtl.torch.captureErrors";

    /** System properties shared by all class loaders: the buffer below each installed one. */
    private static final String BELOW = "mtl.torch.cerr.below.";

    private static final StackWalker FRAMES =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String MARK = "Exception in aoti_torch: ";
    private static final String[] BACKTRACES = {"\nException raised from ", "\nframe #0: "};

    /** Upper bound for the text before the mark: severity, time and source line. */
    private static final int MAX_PREFIX = 512;

    /** Bytes of an error that are read: the message comes first, then a backtrace to be dropped. */
    private static final int MAX_ERROR_BYTES = 1 << 16;

    private static final FunctionDescriptor SYNC_TYPE = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    private static final FunctionDescriptor XSPUTN_TYPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final FunctionDescriptor OVERFLOW_TYPE =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);

    private final ThreadLocal<@Nullable String> text = new ThreadLocal<>();
    private final StandardErrorStream cerr;
    private final long original;
    private final MethodHandle originalSync;
    private final MethodHandle originalXsputn;
    private final MethodHandle originalOverflow;
    private final long replacement;

    /**
     * Installs the capture. To be called once, after all of LibTorch's libraries are loaded.
     *
     * @param lookup finds libstdc++'s symbols
     * @return empty if the capture is disabled or anything is not as expected
     */
    static Optional<CerrCapture> install(SymbolLookup lookup) {
        var linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux");
        if (!linux || !Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
            return Optional.empty();
        }
        try {
            var cerr = StandardErrorStream.find(lookup);
            if (!cerr.layoutIsKnown()) {
                return Optional.empty();
            }
            var capture = new CerrCapture(cerr);
            // Before the buffer is changed, since this throws while the JVM is shutting down.
            var hook = new Thread(capture::removeAll, "mtl-cerr-restore");
            Runtime.getRuntime().addShutdownHook(hook);
            cerr.atExit(capture.replacement);
            capture.add();
            if (!capture.passesSelfTest()) {
                capture.remove();
                return Optional.empty();
            }
            return Optional.of(capture);
        } catch (NoSuchElementException | IllegalStateException | IllegalAccessException e) {
            return Optional.empty();
        } catch (NoSuchMethodException e) {
            throw new AssertionError("the upcalls are methods of this class", e);
        }
    }

    /** Returns and clears the text of this thread's last error; null if there was none. */
    @Nullable String take() {
        var taken = text.get();
        text.remove();
        return taken;
    }

    private CerrCapture(StandardErrorStream cerr)
            throws NoSuchMethodException, IllegalAccessException {
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

        var object = Arena.global().allocate(StandardErrorStream.BUFFER_BYTES, Long.BYTES);
        replacement = object.address();
        cerr.constructBuffer(replacement);
        var expected = cerr.bufferVtable().address() + VTABLE_HEAD * Long.BYTES;
        if (object.get(JAVA_LONG, 0) != expected) {
            throw new IllegalStateException("std::streambuf's constructor set another vtable");
        }
        object.set(JAVA_LONG, 0, vtable.address() + VTABLE_HEAD * Long.BYTES);
    }

    private long upcall(String method, FunctionDescriptor type)
            throws NoSuchMethodException, IllegalAccessException {
        var handle = MethodHandles.lookup().bind(this, method, type.toMethodType());
        return Linker.nativeLinker().upcallStub(handle, type, Arena.global()).address();
    }

    // ---- upcalls, looked up by name; `self` is C++'s `this`, which is always `replacement` ----

    /** Writes {@code size} bytes. LibTorch's logger writes a whole message in one call. */
    long xsputn(long self, long data, long size) {
        try {
            var error = error(data, size);
            if (error != null && calledByThisClassLoader()) {
                text.set(error);
                return size;
            }
        } catch (Throwable e) {
            // Out of memory or stack: LibTorch's text is printed, as without this class.
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

    /** The message without log prefix and backtrace; null if this is not a LibTorch error. */
    private static @Nullable String error(long data, long size) {
        var bytes = MemorySegment.ofAddress(data).reinterpret(Math.min(size, MAX_ERROR_BYTES));
        var message = new String(bytes.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        int start = message.indexOf(MARK);
        if (start < 0 || start > MAX_PREFIX) {
            return null;
        }
        message = message.substring(start + MARK.length());
        for (var backtrace : BACKTRACES) {
            int end = message.indexOf(backtrace);
            message = end < 0 ? message : message.substring(0, end);
        }
        return message.strip();
    }

    /**
     * Whether the innermost caller is a class of this class loader. LibTorch's own threads have no
     * Java frames; frames of the JDK are between a call and its upcall.
     */
    private static boolean calledByThisClassLoader() {
        var own = CerrCapture.class.getName();
        var loader = CerrCapture.class.getClassLoader();
        return FRAMES.walk(
                frames ->
                        frames.map(StackWalker.StackFrame::getDeclaringClass)
                                .filter(type -> type.getClassLoader() != null)
                                .filter(type -> !type.getName().equals(own))
                                .findFirst()
                                .filter(type -> Objects.equals(type.getClassLoader(), loader))
                                .isPresent());
    }

    // ---- installation ----

    private boolean passesSelfTest() {
        var message = "self-test of the capture of std::cerr";
        cerr.write("[self-test] " + MARK + message + BACKTRACES[0] + "nowhere\n");
        return message.equals(take());
    }

    private void add() {
        System.setProperty(BELOW + replacement, Long.toString(original));
        cerr.rdbuf(replacement);
    }

    private void remove() {
        if (cerr.rdbuf() == replacement) {
            cerr.rdbuf(original);
        }
        System.clearProperty(BELOW + replacement);
    }

    /**
     * On JVM shutdown, but not after {@link Runtime#halt}: no buffer of any class loader may be
     * called after it. Does nothing if someone else has installed another buffer since.
     */
    private void removeAll() {
        var buffer = cerr.rdbuf();
        var below = System.getProperty(BELOW + buffer);
        while (below != null) {
            buffer = Long.parseLong(below);
            below = System.getProperty(BELOW + buffer);
        }
        cerr.rdbuf(buffer);
    }
}
