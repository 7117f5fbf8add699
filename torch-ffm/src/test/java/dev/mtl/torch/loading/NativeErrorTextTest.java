package dev.mtl.torch.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.symbols.OpenedLibraries;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class NativeErrorTextTest {
    private static final int THREADS = 8;
    private static final int CALLS = 50;

    @Test
    void returnsToEachThreadTheReasonOfItsFailure() throws Exception {
        LibTorch.get();
        var start = new CountDownLatch(1);
        var results = new ArrayList<Future<List<String>>>();
        try (var platform = Executors.newFixedThreadPool(THREADS - 1);
                var virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                Callable<List<String>> calls =
                        () -> {
                            start.await();
                            return failuresThatWereMixedUp(thread);
                        };
                results.add((t == 0 ? virtual : platform).submit(calls));
            }
            start.countDown();
            for (var result : results) {
                assertThat(result.get()).isEmpty();
            }
        }
    }

    @Test
    void dropsTheBacktrace() {
        assertThat(reasonOfCalling("aten::no_such_op"))
                .contains("Could not find schema for aten::no_such_op")
                .doesNotContain("frame #")
                .doesNotContain("Exception raised from")
                .doesNotContain("Exception in aoti_torch");
    }

    @Test
    void keepsNonAsciiText() {
        assertThat(reasonOfCalling("aten::größer_als")).contains("aten::größer_als");
    }

    @Test
    void returnsAReasonOnlyOnce() {
        var text = LibTorch.get().errorText();
        assumeTrue(text instanceof NativeErrorText.Captured, "this LibTorch keeps its last reason");
        assertThat(reasonOfCalling("aten::no_such_op")).isNotNull();
        assertThat(text.take()).isNull();
    }

    @Test
    void isNotInstalledWhereASymbolIsMissing() {
        LibTorch.get();
        var real = OpenedLibraries.lookup();
        var needed = new ArrayList<String>();
        var nothingChanged = new ArrayList<String>();
        // Records what is looked up, and fails at the last moment, before std::cerr is touched.
        var recorder =
                new SymbolLookup() {
                    @Override
                    public Optional<MemorySegment> find(String name) {
                        needed.add(name);
                        return name.endsWith("C2Ev") ? Optional.empty() : real.find(name);
                    }
                };
        assertThat(CerrCapture.install(recorder)).isEmpty();
        assertThat(needed).hasSizeGreaterThan(5);
        for (var hidden : List.copyOf(needed)) {
            var capture =
                    CerrCapture.install(
                            name -> name.equals(hidden) ? Optional.empty() : real.find(name));
            if (capture.isPresent()) {
                nothingChanged.add(hidden);
            }
        }
        assertThat(nothingChanged).isEmpty();
    }

    @Test
    void isNotInstalledWhereTheVtableIsNotAsExpected() {
        LibTorch.get();
        var real = OpenedLibraries.lookup();
        for (var function : List.of("4syncEv", "6xsputnEPKcl", "8overflowEi")) {
            SymbolLookup changed =
                    name ->
                            real.find(
                                    name.endsWith(function)
                                            ? "_ZNSt15basic_streambufIcSt11char_traitsIcEEC2Ev"
                                            : name);
            assertThat(CerrCapture.install(changed)).as(function).isEmpty();
        }
        SymbolLookup otherStream = name -> real.find(name.equals("_ZTVSo") ? "_ZTVSi" : name);
        assertThat(CerrCapture.install(otherStream)).isEmpty();
    }

    private static List<String> failuresThatWereMixedUp(int thread) {
        var wrong = new ArrayList<String>();
        for (int i = 0; i < CALLS; i++) {
            var operator = "aten::no_such_op_" + thread + "_" + i + "_end";
            var reason = reasonOfCalling(operator);
            if (reason == null || !reason.contains(operator)) {
                wrong.add(operator + ": " + reason);
            }
        }
        return wrong;
    }

    /** What LibTorch says of an operator that it does not have. */
    static @Nullable String reasonOfCalling(String operator) {
        var torch = LibTorch.get();
        try (var arena = Arena.ofConfined()) {
            int code =
                    LibTorchAbi.torch_call_dispatcher(
                            arena.allocateFrom(operator),
                            arena.allocateFrom(""),
                            arena.allocate(ValueLayout.JAVA_LONG),
                            torch.version());
            var reason = torch.errorText().take();
            assertThat(code).isNotZero();
            return reason;
        }
    }
}
