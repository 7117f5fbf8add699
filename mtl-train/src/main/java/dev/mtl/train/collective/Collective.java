package dev.mtl.train.collective;

import dev.mtl.core.MtlException;

import java.io.ByteArrayOutputStream;
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
     * Whether all processes are on one machine. Then the cores that compute also copy what is sent,
     * and nothing is gained by sending while they compute.
     */
    default boolean isOneMachine() {
        return false;
    }

    /**
     * What this process adds to the buckets of a sum. The values of a bucket may come after the sum
     * has begun, most often in the order of the buckets.
     */
    interface Addends {
        /** Whether the values of bucket {@code i} are there. */
        boolean isReady(int i);

        /** Adds the values of bucket {@code i} to it in place; waits until they are there. */
        void addTo(int i);

        /** Values that are there. */
        static Addends of(IntConsumer addTo) {
            return new Addends() {
                @Override
                public boolean isReady(int i) {
                    return true;
                }

                @Override
                public void addTo(int i) {
                    addTo.accept(i);
                }
            };
        }
    }

    /**
     * Sums FLOAT32 values in the order of the ranks. The sum begins with the buffers of process 0
     * as they are. Process by process, from 0 on, adds what it has to them; then all processes have
     * the buffers of the last one. The order of the additions, and so every bit of the result, does
     * not depend on the implementation.
     *
     * @param buckets parts of one vector, of the same sizes in all processes; overwritten
     * @param own values of this process; added once to each bucket, in any order
     */
    void sumInOrder(List<ByteBuffer> buckets, Addends own);

    /**
     * Sums FLOAT32 values in place, in an order that the implementation chooses. All processes have
     * the same bits afterwards.
     *
     * @param buckets parts of one vector, of the same sizes in all processes
     * @param own values of this process; added once to each bucket, which is summed as it is then
     */
    void sum(List<ByteBuffer> buckets, Addends own);

    /**
     * Copies the buffers of process 0 to all others.
     *
     * @param buckets of the same sizes in all processes
     */
    void broadcast(List<ByteBuffer> buckets);

    /**
     * Copies each buffer of its owner to all other processes.
     *
     * @param buffers of the same sizes in all processes
     * @param owners the rank of the owner of each buffer
     */
    default void share(List<ByteBuffer> buffers, List<Integer> owners) {
        var own = new ByteArrayOutputStream();
        for (int i = 0; i < buffers.size(); i++) {
            if (owners.get(i) == rank()) {
                var bytes = new byte[buffers.get(i).capacity()];
                buffers.get(i).get(0, bytes);
                own.writeBytes(bytes);
            }
        }
        var all = allGather(own.toByteArray()).stream().map(ByteBuffer::wrap).toList();
        for (int i = 0; i < buffers.size(); i++) {
            var bytes = new byte[buffers.get(i).capacity()];
            all.get(owners.get(i)).get(bytes);
            buffers.get(i).put(0, bytes);
        }
    }

    /**
     * Gives each process a buffer of each other one. What a process has for itself is not copied.
     *
     * @param sent for each process, by rank
     * @param received of each process, by rank, of the sizes that these send; overwritten
     */
    default void exchange(List<ByteBuffer> sent, List<ByteBuffer> received) {
        var own = new ByteArrayOutputStream();
        for (var buffer : sent) {
            var bytes = new byte[buffer.capacity()];
            buffer.get(0, bytes);
            own.writeBytes(bytes);
        }
        var all = allGather(own.toByteArray());
        int before = 0;
        for (int rank = 0; rank < rank(); rank++) {
            before += sent.get(rank).capacity();
        }
        for (int rank = 0; rank < size(); rank++) {
            var buffer = received.get(rank);
            buffer.put(0, all.get(rank), before, buffer.capacity());
        }
    }

    /**
     * Gives every process what each of them has to say.
     *
     * @param own a few bytes; the number may differ between processes
     * @return those of all processes, by rank
     */
    List<byte[]> allGather(byte[] own);

    /**
     * Gives process 0 what each process has to say.
     *
     * @param own up to 2 GB; the number of bytes may differ between processes
     * @return in process 0 those of all processes, by rank; undefined in the others
     */
    default List<byte[]> gather(byte[] own) {
        return allGather(own);
    }

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
