package dev.mtl.train.step;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.TaskEncoders;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.TensorScope;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * The workers of one process: a replica for each, which shares the memory of the model's weights. A
 * worker takes the next micro-batch when it is done with one.
 */
public final class SingleProcess implements DataParallelism {
    private final MultiTaskModel model;
    private final Workers workers;
    private final boolean deterministic;
    private final Draws draws;
    private final TensorScope owner = TensorScope.shared();
    private final BlockingQueue<Leaves> replicas;
    private final List<LocalGradientSum> sums = new ArrayList<>();
    private Predicate<String> trainable = name -> true;

    /** Where dropout draws from. */
    public enum Draws {
        /** A stream of each micro-batch: the same draws with any number of workers. */
        BY_MICRO_BATCH,
        /**
         * LibTorch's global generator in the order of the operators, as PyTorch does; for one
         * worker.
         */
        GLOBAL
    }

    /** Leaves of all parameters, for one micro-batch at a time, and the encoders on them. */
    private record Leaves(Parameters weights, TaskEncoders encoders) {}

    /**
     * Makes the replicas.
     *
     * @param model must outlive this object
     * @param workers compute the micro-batches
     * @param deterministic whether gradients are summed in the order of the micro-batches
     */
    public SingleProcess(
            MultiTaskModel model, Workers workers, boolean deterministic, Draws draws) {
        this.model = model;
        this.workers = workers;
        this.deterministic = deterministic;
        this.draws = draws;
        replicas = new ArrayBlockingQueue<>(workers.count());
        for (int i = 0; i < workers.count(); i++) {
            var weights = model.parameters().leaves(owner, trainable);
            replicas.add(new Leaves(weights, model.trainingEncoders(weights)));
        }
    }

    @Override
    public void train(Predicate<String> names) {
        trainable = names;
        for (var leaves : replicas) {
            for (var name : leaves.weights().names()) {
                Autograd.requireGrad(leaves.weights().get(name), names.test(name));
            }
        }
    }

    @Override
    public GradientSum newSum() {
        var sum = new LocalGradientSum(model.parameters().names().size(), deterministic);
        sums.add(sum);
        return sum;
    }

    @Override
    public List<SequencedMap<String, Double>> forEach(
            List<MicroBatch> step, long seed, BackwardStrategy.Backward backward, Pass pass) {
        try {
            var words = WordRows.of(model, trainable, step);
            sums.forEach(sum -> sum.begin(words));
            return forEach(step, 0, step.size(), step.size(), seed, backward, pass);
        } finally {
            sums.clear(); // those of the next step are made before its micro-batches run
        }
    }

    /**
     * Runs the micro-batches of a step from one place to another, exclusive.
     *
     * @param awaited the place from which on other processes wait for the gradients
     */
    public List<SequencedMap<String, Double>> forEach(
            List<MicroBatch> step,
            int from,
            int to,
            int awaited,
            long seed,
            BackwardStrategy.Backward backward,
            Pass pass) {
        var tasks = new ArrayList<Callable<SequencedMap<String, Double>>>();
        for (int i = from; i < to; i++) {
            int place = i;
            tasks.add(() -> run(place, place >= awaited, step.get(place), seed, backward, pass));
        }
        return workers.all(tasks);
    }

    private SequencedMap<String, Double> run(
            int place,
            boolean awaited,
            MicroBatch microBatch,
            long seed,
            BackwardStrategy.Backward backward,
            Pass pass)
            throws InterruptedException {
        var leaves = replicas.take();
        try (var scope = TensorScope.open();
                var _ = draws(seed, place)) {
            return pass.run(
                    new Replica(
                            place, leaves.weights(), leaves.encoders(), trainable, awaited, scope),
                    microBatch);
        } catch (RuntimeException | Error e) {
            backward.abandon(place);
            throw e;
        } finally {
            replicas.add(leaves);
        }
    }

    private @Nullable RandomStream draws(long seed, int place) {
        return draws == Draws.BY_MICRO_BATCH
                ? RandomStream.open(RandomStream.mix(seed, place))
                : null;
    }

    @Override
    public boolean writes() {
        return true;
    }

    @Override
    public void close() {
        owner.close();
    }
}
