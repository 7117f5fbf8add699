package dev.mtl.core.inference;

import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the JVM's compilers take a noticeable part of a core, as in the first seconds of a
 * process.
 */
final class CompilerLoad implements BooleanSupplier {
    private static final long WINDOW_NANOS = 500_000_000;

    /** The share of a core from which two threads that wait for each other lose by it. */
    private static final double NOTICEABLE = 0.05;

    private final LongSupplier nanoTime;
    private final LongSupplier compilationMillis;
    private long since;
    private long millisBefore;
    private boolean noticeable = true;

    CompilerLoad(LongSupplier nanoTime, LongSupplier compilationMillis) {
        this.nanoTime = nanoTime;
        this.compilationMillis = compilationMillis;
        since = nanoTime.getAsLong();
        millisBefore = compilationMillis.getAsLong();
    }

    /** Of this JVM; without load where it has no compiler or does not tell. */
    static CompilerLoad ofThisProcess() {
        var compilers = ManagementFactory.getCompilationMXBean();
        boolean tells = compilers != null && compilers.isCompilationTimeMonitoringSupported();
        return new CompilerLoad(
                System::nanoTime, tells ? compilers::getTotalCompilationTime : () -> 0);
    }

    @Override
    public synchronized boolean getAsBoolean() {
        long now = nanoTime.getAsLong();
        if (now - since >= WINDOW_NANOS) {
            long millis = compilationMillis.getAsLong();
            noticeable = (millis - millisBefore) * 1e6 > NOTICEABLE * (now - since);
            since = now;
            millisBefore = millis;
        }
        return noticeable;
    }
}
