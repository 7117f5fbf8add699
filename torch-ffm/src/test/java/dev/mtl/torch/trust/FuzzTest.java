package dev.mtl.torch.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.torch.testing.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/**
 * Runs {@link Fuzzer} in child JVMs, as many at once as there are processors. Repeat a failure with
 * its seed: {@code mvn -pl torch-ffm -am test -Dtest=FuzzTest -Dfuzz.seed=N
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class FuzzTest {
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int CALLS = Integer.getInteger("fuzz.calls", 50_000);

    /** JVMs with a heap of their own each, whatever the number of processors. */
    private static final int PARTS = 4;

    /** Episodes of different parts have different numbers. */
    private static final int EPISODES = 1_000_000;

    /** glibc's checks of its heap at each call, where it has them. */
    private static final Path GUARD = Path.of("/lib/x86_64-linux-gnu/libc_malloc_debug.so.0");

    /** Calls under valgrind, which sees reads beyond an array too: a hundred times slower. */
    private static final int VALGRIND_CALLS = Integer.getInteger("fuzz.valgrind.calls", 0);

    private static final Pattern NATIVE = Pattern.compile("libtorch|libc10|openblas|libgomp");

    @TempDir Path temp;

    @Test
    void noCallOfAPublicMethodKillsTheProcessHangsItOrLeavesATensor() throws Exception {
        var parts = new ArrayList<Callable<ChildJvm.Run>>();
        for (int part = 0; part < PARTS; part++) {
            int first = part * EPISODES;
            var folder = Files.createDirectory(temp.resolve("part " + part));
            parts.add(
                    () ->
                            guarded(folder)
                                    .limit(Duration.ofSeconds(120 + CALLS / PARTS / 50))
                                    .run(
                                            Fuzzer.class,
                                            Long.toString(SEED),
                                            Integer.toString(CALLS / PARTS),
                                            Integer.toString(first)));
        }
        int processors = Runtime.getRuntime().availableProcessors();
        try (var executor = Executors.newFixedThreadPool(Math.min(PARTS, processors))) {
            for (var run : executor.invokeAll(parts)) {
                assertThat(run.get().exitCode()).as(() -> lastLines(run.resultNow())).isZero();
                System.out.println("fuzz: " + summary(run.get()));
            }
        }
    }

    @Test
    void theGuardSeesAByteBeyondAnArray() throws Exception {
        assumeTrue(Files.exists(GUARD), "no " + GUARD);

        var run = guarded(temp).run(Overflow.class);

        assertThat(run.exitCode()).as(run.toString()).isNotZero();
        assertThat(run.out()).doesNotContain("nobody saw it");
        assertThat(run.err()).contains("free(): invalid pointer");
    }

    @Test
    void noCallReadsOrWritesBeyondNativeMemory() throws Exception {
        assumeTrue(VALGRIND_CALLS > 0, "set fuzz.valgrind.calls, with valgrind on the PATH");
        var log = temp.resolve("valgrind");
        var run =
                new ChildJvm(temp)
                        .under(
                                "valgrind",
                                "--error-limit=no",
                                "--smc-check=all-non-file",
                                "--undef-value-errors=no",
                                "--log-file=" + log)
                        // the processor that valgrind emulates
                        .environment(Map.of("OPENBLAS_CORETYPE", "Haswell"))
                        .options("-Xint", "-XX:+UseSerialGC")
                        .limit(Duration.ofSeconds(300 + VALGRIND_CALLS / 5))
                        .run(
                                Fuzzer.class,
                                Long.toString(SEED),
                                Integer.toString(VALGRIND_CALLS),
                                Integer.toString(PARTS * EPISODES));

        assertThat(run.exitCode()).as(() -> lastLines(run)).isZero();
        var blocks = Files.readString(log).replaceAll("==\\d+== ?", "").split("\n\n");
        // The JVM itself reads protected pages on purpose, and touches those below its stack.
        assertThat(blocks)
                .filteredOn(block -> block.contains("Invalid "))
                .filteredOn(block -> !block.contains("bytes below stack pointer"))
                .filteredOn(block -> NATIVE.matcher(block).find())
                .isEmpty();
        System.out.println("fuzz under valgrind: " + summary(run));
    }

    private static ChildJvm guarded(Path folder) {
        return new ChildJvm(folder)
                .environment(
                        Files.exists(GUARD)
                                ? Map.of(
                                        "LD_PRELOAD",
                                        GUARD.toString(),
                                        "MALLOC_CHECK_",
                                        "3",
                                        "MALLOC_PERTURB_",
                                        "165")
                                : Map.of());
    }

    private static String summary(ChildJvm.Run run) {
        return run.out().lines().filter(line -> line.contains(" calls in ")).findFirst().orElse("");
    }

    private static String lastLines(ChildJvm.Run run) {
        var lines = run.toString().lines().toList();
        return "seed %d:%n%s"
                .formatted(
                        SEED,
                        String.join(
                                System.lineSeparator(),
                                lines.subList(Math.max(0, lines.size() - 60), lines.size())));
    }
}
