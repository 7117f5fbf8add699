package dev.mtl.torch.runtime;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

/**
 * The number of native threads within one operator. Parallelism over batches belongs in Java: on a
 * CPU, workers with one native thread each are faster.
 */
public final class Threads {
    private Threads() {}

    /**
     * Sets the number of native threads for operators that this thread calls.
     *
     * @throws IllegalArgumentException if {@code threads} is not positive
     */
    public static void setForThisThread(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be positive, not " + threads);
        }
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
     */
    public static <T, E extends Exception> T withThreads(int threads, Work<T, E> work) throws E {
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
