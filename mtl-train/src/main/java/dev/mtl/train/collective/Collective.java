package dev.mtl.train.collective;

import dev.mtl.core.MtlException;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.IntConsumer;

/**
 * Processes that train one model together, numbered by rank from 0. All of them make the same calls
 * in the same order, one thread of each at a time; a call returns when this process has its result.
 *
 * <p>A process that fails says so by {@link #fail}. The others then get a {@link
 * CollectiveException} with its reason, from the call that they wait in or from their next one; so
 * they do if a process does not answer within a time limit.
 */
public interface Collective extends AutoCloseable {
    /**
     * The processes that this one was launched with, such as by {@code mpirun}; this process alone
     * if it was launched alone. A {@link CollectiveProvider} is found by {@link ServiceLoader}.
     *
     * @param environment the environment variables, in which launchers say what they launched
     * @throws MtlException if there are several, but they cannot be reached
     */
    static Collective open(Map<String, String> environment) {
        for (var provider : ServiceLoader.load(CollectiveProvider.class)) {
            var opened = provider.open(environment);
            if (opened.isPresent()) {
                return opened.get();
            }
        }
        return alone();
    }

    /** This process alone. */
    static Collective alone() {
        return new Alone();
    }

    /** The number of this process, from 0. */
    int rank();

    /** How many processes there are. */
    int size();

    /** A process by name, such as {@code process 1 (host-b)}, for messages. */
    String name(int rank);

    /**
     * Sums FLOAT32 values in the order of the ranks. The sum begins with the buffers of process 0
     * as they are. Process by process, from 0 on, adds what it has to them; then all processes have
     * the buffers of the last one. The order of the additions, and so every bit of the result, does
     * not depend on the implementation.
     *
     * @param buckets parts of one vector, of the same sizes in all processes; overwritten
     * @param addOwn adds this process's values to {@code buckets.get(i)} in place; called once for
     *     each i, in any order
     */
    void sumInOrder(List<ByteBuffer> buckets, IntConsumer addOwn);

    /**
     * Sums FLOAT32 values in place, in an order that the implementation chooses. All processes have
     * the same bits afterwards.
     *
     * @param buckets parts of one vector, of the same sizes in all processes
     */
    void sum(List<ByteBuffer> buckets);

    /**
     * Copies the buffers of process 0 to all others.
     *
     * @param buckets of the same sizes in all processes
     */
    void broadcast(List<ByteBuffer> buckets);

    /**
     * Gives every process what each of them has to say.
     *
     * @param own a few bytes; the number may differ between processes
     * @return those of all processes, by rank
     */
    List<byte[]> allGather(byte[] own);

    /**
     * Tells the other processes that this one ends, and why; does not wait for them. Only the first
     * call says anything, and none does that follows the news of another's failure.
     */
    void fail(String reason);

    /**
     * Waits until all processes have come to this call, and lets go of them. After a failure, gives
     * process 0 time to write a checkpoint instead.
     */
    @Override
    void close();
}
