package dev.mtl.train.step.several;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.step.BackwardStrategy;
import dev.mtl.train.step.DataParallelism;
import dev.mtl.train.step.GradientSum;
import dev.mtl.train.step.SingleProcess;
import dev.mtl.train.step.WordRows;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;

/**
 * The workers of several processes, each with weights of its own, which stay the same everywhere:
 * every process applies the same sum to them.
 *
 * <p>A step's micro-batches are divided by their places: process 0 has the first ones, the next
 * process those after them, as many as it has workers for. In a deterministic run a sum goes from
 * process to process in this order, and each adds the gradients of its micro-batches one after the
 * other: the additions, and so the bits, are those of one process. Gradients are kept until then,
 * so a step with more of them than fit in {@link #KEPT_BYTES} is summed in several rounds.
 *
 * <p>The gradients of upper layers travel while those of lower ones are computed, as those of
 * PyTorch's DistributedDataParallel do (Li et al. 2020, arXiv 2006.15704), unless all processes are
 * on one machine.
 */
public final class SeveralProcesses implements DataParallelism {
    /** Memory of a process for gradients that wait for their turn; at least one a worker waits. */
    private static final long KEPT_BYTES = 2L << 30;

    /** Elements that travel together: 4 MB, so that adding and sending overlap. */
    private static final long BUCKET = 1 << 20;

    /** How gradients are summed. */
    public enum Summation {
        /** In the order of the micro-batches: with any number of processes the same bits. */
        IN_ORDER,
        /** In each process first. */
        IN_ANY_ORDER,
        /** The same, with bfloat16 for what the processes send each other. */
        IN_BF16
    }

    /** Elements of a bucket whose order of additions is free: 25 MB, as PyTorch's. */
    private static final long LARGE_BUCKET = 25 * BUCKET / 4;

    private final Collective processes;
    private final SingleProcess local;
    private final ExecutorService computation =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("mtl-micro-batches").factory());
    private final ParameterLayers layers;
    private final MultiTaskModel model;
    private final Summation summation;
    private final int[] workersBefore;
    private final int mostWorkers;
    private final List<ProcessSum> sums = new ArrayList<>();
    private Predicate<String> trainable = name -> true;

    /**
     * Divides steps among processes.
     *
     * @param model must outlive this object
     * @param workers of this process
     */
    public SeveralProcesses(
            Collective processes, MultiTaskModel model, Workers workers, Summation summation) {
        this.processes = processes;
        this.model = model;
        this.summation = summation;
        layers = new ParameterLayers(model.parameters().names());
        var counts = workersOfEach(processes, workers.count());
        workersBefore = new int[counts.length + 1];
        int most = 0;
        for (int i = 0; i < counts.length; i++) {
            workersBefore[i + 1] = workersBefore[i] + counts[i];
            most = Math.max(most, counts[i]);
        }
        mostWorkers = most;
        local =
                new SingleProcess(
                        model,
                        workers,
                        summation == Summation.IN_ORDER,
                        SingleProcess.Draws.BY_MICRO_BATCH);
    }

    /**
     * The number of workers of each process.
     *
     * @param own that of this process
     */
    public static int[] workersOfEach(Collective processes, int own) {
        return processes.allGather(ByteBuffer.allocate(4).putInt(own).array()).stream()
                .mapToInt(bytes -> ByteBuffer.wrap(bytes).getInt())
                .toArray();
    }

    private FlatGradients layout(List<MicroBatch> step) {
        var shapes = new ArrayList<long @Nullable []>();
        for (var name : model.parameters().names()) {
            shapes.add(trainable.test(name) ? model.parameters().get(name).shape() : null);
        }
        return new FlatGradients(
                shapes,
                layers.all(),
                WordRows.of(model, trainable, step),
                summation == Summation.IN_ORDER ? BUCKET : LARGE_BUCKET);
    }

    @Override
    public void train(Predicate<String> names) {
        local.train(names);
        trainable = names;
    }

    @Override
    public GradientSum newSum() {
        var sum = new ProcessSum(summation, layers, processes.rank() == 0);
        sums.add(sum);
        return sum;
    }

    @Override
    public List<SequencedMap<String, Double>> forEach(
            List<MicroBatch> step, long seed, BackwardStrategy.Backward backward, Pass pass) {
        try {
            var values = new ArrayList<SequencedMap<String, Double>>();
            var layout = layout(step);
            sums.forEach(sum -> sum.begin(layout));
            int most = roundSize(layout);
            for (int start = 0; start < step.size(); start += most) {
                int end = Math.min(step.size(), start + most);
                values.addAll(round(start, end, step, seed, backward, pass));
            }
            return values;
        } finally {
            sums.clear(); // those of the next step are made before its micro-batches run
        }
    }

    /** Micro-batches of which each process may keep the gradients of its own. */
    private int roundSize(FlatGradients layout) {
        long ofAWorker = layout.bytes() * Math.max(1, sums.size());
        long each = Math.max(1, KEPT_BYTES / Math.max(1, ofAWorker * mostWorkers));
        return Math.toIntExact(
                Math.min(Integer.MAX_VALUE, each * workersBefore[workersBefore.length - 1]));
    }

    private List<SequencedMap<String, Double>> round(
            int start,
            int end,
            List<MicroBatch> step,
            long seed,
            BackwardStrategy.Backward backward,
            Pass pass) {
        var own = computeAndExchange(start, end, step, seed, backward, pass);
        var message = new StepMessage(null, own, sums.stream().map(ProcessSum::present).toList());
        var all = processes.allGather(message.toBytes()).stream().map(StepMessage::of).toList();
        for (int rank = 0; rank < all.size(); rank++) {
            var failure = all.get(rank).failure();
            if (failure != null) {
                throw new CollectiveException(processes.name(rank) + " failed: " + failure);
            }
        }
        for (int i = 0; i < sums.size(); i++) {
            sums.get(i).present(StepMessage.presentAnywhere(all, i));
        }
        return all.stream().flatMap(each -> each.values().stream()).toList();
    }

    /**
     * Computes the micro-batches of this process while their gradients are summed with those of the
     * others. If one fails, the exchange comes to its end nevertheless, for the others wait in it.
     *
     * @throws RuntimeException the failure of a micro-batch, or of the exchange, once neither is
     *     running any more
     */
    private List<SequencedMap<String, Double>> computeAndExchange(
            int start,
            int end,
            List<MicroBatch> step,
            long seed,
            BackwardStrategy.Backward backward,
            Pass pass) {
        int rank = processes.rank();
        int from = boundary(start, end, rank);
        int to = boundary(start, end, rank + 1);
        int workers = workersBefore[rank + 1] - workersBefore[rank];
        boolean overlap = !processes.isOneMachine();
        int awaited = overlap ? to - workers : to;
        sums.forEach(sum -> sum.expect(to - from));
        var computing =
                new FutureTask<>(
                        () -> {
                            try {
                                return local.forEach(step, from, to, awaited, seed, backward, pass);
                            } catch (Throwable e) {
                                sums.forEach(ProcessSum::fail);
                                throw e;
                            }
                        });
        if (overlap) {
            computation.execute(computing);
        } else {
            computing.run();
        }
        try {
            sums.forEach(sum -> sum.exchange(processes));
        } catch (RuntimeException | Error e) {
            try {
                result(computing);
            } catch (RuntimeException | Error ofMicroBatch) {
                ofMicroBatch.addSuppressed(e);
                throw ofMicroBatch;
            }
            throw e;
        }
        try {
            return result(computing);
        } catch (RuntimeException | Error e) {
            tellOfFailure(e);
            throw e;
        } finally {
            sums.forEach(ProcessSum::freeKept);
        }
    }

    private static <T> T result(Future<T> computing) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return computing.get();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw Workers.cause(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void tellOfFailure(Throwable failure) {
        try {
            processes.allGather(
                    new StepMessage(failure.toString(), List.of(), List.of()).toBytes());
        } catch (CollectiveException e) {
            failure.addSuppressed(e);
        }
    }

    /** Where the micro-batches of a process begin, among those from start to end. */
    private int boundary(int start, int end, int rank) {
        long all = workersBefore[workersBefore.length - 1];
        return Math.toIntExact(start + (end - start) * (long) workersBefore[rank] / all);
    }

    @Override
    public boolean writes() {
        return processes.rank() == 0;
    }

    @Override
    public boolean anyWants(boolean own) {
        return processes.allGather(new byte[] {(byte) (own ? 1 : 0)}).stream()
                .anyMatch(wants -> wants[0] == 1);
    }

    @Override
    public double ofWriter(double value) {
        var bytes = ByteBuffer.allocate(Double.BYTES).putDouble(value).array();
        return ByteBuffer.wrap(processes.allGather(bytes).getFirst()).getDouble();
    }

    @Override
    public void close() {
        computation.close();
        local.close();
    }
}
