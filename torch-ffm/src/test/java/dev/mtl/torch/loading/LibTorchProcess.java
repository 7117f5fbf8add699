package dev.mtl.torch.loading;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.dispatch.Operator;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.error.LibTorchUnavailableException;
import dev.mtl.torch.symbols.OpenedLibraries;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A child process whose stderr and exit code a test checks. */
final class LibTorchProcess {
    private static final int LOGGER_BYTES = 4096;
    private static final int SEVERITY_ERROR = 2;

    private LibTorchProcess() {}

    /**
     * Does one task.
     *
     * @param arguments the task's name, and what it needs
     */
    public static void main(String[] arguments) throws Throwable {
        switch (arguments[0]) {
            case "warn" -> warn();
            case "fail" -> fail();
            case "fail-in-a-foreign-thread" -> failInAForeignThread();
            case "exit-while-failing" -> exitWhileFailing();
            case "halt" -> halt();
            case "start-at-the-end-of-the-stack" -> StackEnd.start();
            case "load-twice" -> {
                load();
                load();
            }
            case "two-class-loaders" -> TwoClassLoaders.run();
            case "load-beside" -> loadBeside(Path.of(arguments[1]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void warn() {
        try (var _ = TensorScope.open()) {
            var one = Tensors.zeros(DType.FLOAT32, Device.CPU, 1);
            var std = Operator.of("aten::std(Tensor self, bool unbiased=True) -> Tensor");
            TensorAccess.of(Tensor.class).run(std, one);
        }
    }

    private static void fail() {
        System.out.println("reason: " + NativeErrorTextTest.reasonOfCalling("aten::no_such_op"));
    }

    private static void halt() {
        fail();
        Runtime.getRuntime().halt(3);
    }

    private static void load() {
        try {
            LibTorch.get();
        } catch (LibTorchUnavailableException e) {
            System.out.println(e.getMessage());
        }
    }

    private static void loadBeside(Path other) throws IOException {
        try (var channel = FileChannel.open(other, StandardOpenOption.READ);
                var arena = Arena.ofConfined()) {
            var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            load();
            System.out.println(mapped.byteSize() + " bytes were mapped");
        }
    }

    private static void exitWhileFailing() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            var thread =
                    new Thread(
                            () -> {
                                while (true) {
                                    NativeErrorTextTest.reasonOfCalling("aten::no_such_op");
                                }
                            });
            thread.setDaemon(true);
            thread.start();
        }
        LibTorch.get();
        Thread.sleep(500);
        System.exit(7);
    }

    /**
     * Has a POSIX thread run the destructor of LibTorch's logger, which prints: a function of one
     * pointer, as pthread_create wants it.
     */
    private static void failInAForeignThread() throws Throwable {
        LibTorch.get();
        var arena = Arena.global();
        var logger = arena.allocate(LOGGER_BYTES, 16);
        function(
                        "_ZN3c1013MessageLoggerC1EPKciib",
                        FunctionDescriptor.ofVoid(
                                ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_BOOLEAN))
                .invoke(
                        logger,
                        arena.allocateFrom("Exception in aoti_torch: on a foreign thread"),
                        1,
                        SEVERITY_ERROR,
                        false);
        var thread = arena.allocate(JAVA_LONG);
        int _ =
                (int)
                        function(
                                        "pthread_create",
                                        FunctionDescriptor.of(
                                                JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS))
                                .invoke(
                                        thread,
                                        MemorySegment.NULL,
                                        symbol("_ZN3c1013MessageLoggerD1Ev"),
                                        logger);
        int _ =
                (int)
                        function(
                                        "pthread_join",
                                        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS))
                                .invoke(thread.get(JAVA_LONG, 0), MemorySegment.NULL);
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(symbol(name), type);
    }

    private static MemorySegment symbol(String name) {
        return OpenedLibraries.lookup().or(Linker.nativeLinker().defaultLookup()).findOrThrow(name);
    }
}
