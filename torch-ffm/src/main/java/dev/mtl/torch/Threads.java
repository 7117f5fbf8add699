package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

/**
 * Threads inside of one operator. Parallelism over batches belongs to Java: workers with one native
 * thread each are faster on a CPU.
 */
public final class Threads {
    private Threads() {}

    /** Sets how many threads the operators that this thread calls may use. */
    public static void setForThisThread(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads);
        }
        var torch = LibTorch.get();
        // A thread that does not know its number yet takes what another thread set last, in its
        // first operator: so that it is not later than what is set here.
        LibTorchAbi._ZN2at15get_num_threadsEv();
        LibTorchAbi._ZN2at15set_num_threadsEi(threads);
        if (torch.hasOpenBlas()) {
            LibTorchAbi.openblas_set_num_threads(threads);
        }
    }

    /**
     * Runs something with more threads for the operators of this thread, such as a single short
     * batch while all other cores have nothing to do. OpenBLAS, whose threads are the whole
     * process's, is left alone.
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

    /** Something that gives a result, or fails. */
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /** How many threads an operator called from this thread may use. */
    public static int ofThisThread() {
        LibTorch.get();
        return LibTorchAbi._ZN2at15get_num_threadsEv();
    }
}
