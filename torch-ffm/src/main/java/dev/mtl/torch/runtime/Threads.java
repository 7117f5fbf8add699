package dev.mtl.torch.runtime;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

/**
 * The number of native threads within one operator. Parallelism over batches belongs in Java: on a
 * CPU, workers with one native thread each are faster.
 */
public final class Threads {
    /** More threads than a processor has cores only wait; many more cannot be started at all. */
    private static final int MOST = Math.max(64, 4 * Runtime.getRuntime().availableProcessors());

    private Threads() {}

    /**
     * Sets the number of native threads for operators that this thread calls.
     *
     * @param threads from 1 to four times the number of processors (64 if those are fewer)
     * @throws IllegalArgumentException for another number
     */
    public static void setForThisThread(int threads) {
        requireCount(threads);
        var torch = LibTorch.get();
        // A thread inherits the number that another thread set last when it first asks for its own;
        // ask now, so that this does not overwrite the number set here.
        LibTorchAbi._ZN2at15get_num_threadsEv();
        LibTorchAbi._ZN2at15set_num_threadsEi(threads);
        if (torch.hasOpenBlas()) {
            LibTorchAbi.openblas_set_num_threads(threads);
        }
    }

    /**
     * Runs {@code work} with another number of native threads for operators of this thread, such as
     * a single batch while all other cores are idle. OpenBLAS, whose threads are shared by the
     * whole process, is not affected.
     *
     * @param threads from 1 to four times the number of processors (64 if those are fewer)
     * @throws IllegalArgumentException for another number
     */
    public static <T, E extends Exception> T withThreads(int threads, Work<T, E> work) throws E {
        requireCount(threads);
        LibTorch.get();
        int before = LibTorchAbi._ZN2at15get_num_threadsEv();
        if (threads == before) {
            return work.run();
        }
        LibTorchAbi._ZN2at15set_num_threadsEi(threads);
        try {
            return work.run();
        } finally {
            LibTorchAbi._ZN2at15set_num_threadsEi(before);
        }
    }

    /** LibTorch throws a C++ exception for some numbers, OpenMP ends the process for others. */
    private static void requireCount(int threads) {
        if (threads < 1 || threads > MOST) {
            throw new IllegalArgumentException(
                    "the number of threads must be 1 to %d on this machine, not %d"
                            .formatted(MOST, threads));
        }
    }

    /** A computation with a result that may throw. */
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /** The number of native threads for operators that this thread calls. */
    public static int ofThisThread() {
        LibTorch.get();
        return LibTorchAbi._ZN2at15get_num_threadsEv();
    }
}
