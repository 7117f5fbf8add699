package dev.mtl.core.inference;

import dev.mtl.torch.runtime.Threads;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Platform threads for tensor code. */
final class InferenceThreads {
    private InferenceThreads() {}

    /**
     * Makes daemon threads.
     *
     * @param name of the first, with a number after it
     * @param nativeThreads that the operators of each use
     */
    static ThreadFactory factory(String name, int nativeThreads) {
        var number = new AtomicInteger();
        return task ->
                Thread.ofPlatform()
                        .daemon()
                        .name("mtl-" + name + "-" + number.incrementAndGet())
                        .unstarted(
                                () -> {
                                    Threads.setForThisThread(1);
                                    Threads.withThreads(
                                            nativeThreads,
                                            () -> {
                                                task.run();
                                                return true;
                                            });
                                });
    }
}
