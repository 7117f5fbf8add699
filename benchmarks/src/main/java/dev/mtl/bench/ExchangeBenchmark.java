package dev.mtl.bench;

import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.Collective.Addends;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long processes take to exchange gradients; to be started by {@code mpirun}. Arguments: MB (of
 * a million bytes; default 90), MB a bucket (default 4), repetitions (default 10).
 */
public final class ExchangeBenchmark {
    private ExchangeBenchmark() {}

    /** Prints the median, the least and the longest time of each kind of exchange. */
    public static void main(String[] args) {
        int bytes = (args.length > 0 ? Integer.parseInt(args[0]) : 90) * 1_000_000;
        int bucket = (args.length > 1 ? Integer.parseInt(args[1]) : 4) << 20;
        int repetitions = args.length > 2 ? Integer.parseInt(args[2]) : 10;
        try (var processes = Collective.open(System.getenv())) {
            var buckets = new ArrayList<ByteBuffer>();
            for (int start = 0; start < bytes; start += bucket) {
                buckets.add(
                        ByteBuffer.allocateDirect(Math.min(bucket, bytes - start))
                                .order(ByteOrder.nativeOrder()));
            }
            time("ordered sum", processes, repetitions, () -> ordered(processes, buckets));
            time("sum", processes, repetitions, () -> processes.sum(buckets, Addends.of(i -> {})));
            time("broadcast", processes, repetitions, () -> processes.broadcast(buckets));
            time("gather", processes, repetitions, () -> processes.allGather(new byte[100]));
        }
    }

    private static void ordered(Collective processes, List<ByteBuffer> buckets) {
        processes.sumInOrder(buckets, Addends.of(i -> buckets.get(i).putFloat(0, 1)));
    }

    private static void time(String what, Collective processes, int repetitions, Runnable work) {
        work.run();
        var millis = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            processes.allGather(new byte[0]);
            long begun = System.nanoTime();
            work.run();
            millis[i] = (System.nanoTime() - begun) / 1e6;
        }
        Arrays.sort(millis);
        if (processes.rank() == 0) {
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %8.2f ms (%.2f to %.2f), %d processes%n",
                    what,
                    millis[repetitions / 2],
                    millis[0],
                    millis[repetitions - 1],
                    processes.size());
        }
    }
}
