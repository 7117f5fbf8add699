package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.checkpoint.RunDirectory;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.run.CompositeListener;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Trains the model of a configuration.
 *
 * <pre>{@code
 * try (var training = Training.of(TrainingConfiguration.read(Path.of("config/quickstart.yaml")))) {
 *     training.onEvaluation(evaluated -> System.out.println(evaluated.evaluation().tasks()));
 *     TrainingResult result = training.run();
 * }
 * }</pre>
 *
 * <p>The work is done on a platform thread of its own, on which listeners are called; {@link #run}
 * waits for it, on a virtual thread, too. {@link #stop} and {@link #close} may be called from any
 * thread. Everything else is for one thread.
 */
public final class Training implements AutoCloseable {
    private final TrainingConfiguration configuration;
    private final ModelDirectory backbone;
    private final Function<String, ModelDirectory> store;
    private final CompositeListener listeners = new CompositeListener();
    private final AtomicBoolean begun = new AtomicBoolean();
    private boolean resume;
    private boolean overwrite;
    private Collective processes = Collective.alone();
    private volatile boolean stopRequested;
    private volatile @Nullable Thread worker;

    private Training(
            TrainingConfiguration configuration,
            ModelDirectory backbone,
            Function<String, ModelDirectory> store) {
        this.configuration = configuration;
        this.backbone = backbone;
        this.store = store;
    }

    /**
     * A training whose backbone comes from {@link ModelStore#standard}, which downloads it if it is
     * not there.
     *
     * @throws ConfigurationException if there is no such model
     * @throws MtlException if it cannot be downloaded
     */
    public static Training of(TrainingConfiguration configuration) {
        return of(configuration, ModelStore.standard());
    }

    /**
     * A training whose backbone comes from a store.
     *
     * @throws ConfigurationException if there is no such model
     * @throws MtlException if it cannot be downloaded
     */
    public static Training of(TrainingConfiguration configuration, ModelStore store) {
        return new Training(configuration, store.resolve(configuration.backbone()), store::resolve);
    }

    /**
     * A training that starts from a backbone. Other models that it names come from {@link
     * ModelStore#standard}.
     *
     * @param backbone the directory that {@code model.backbone} stands for
     */
    public static Training of(TrainingConfiguration configuration, ModelDirectory backbone) {
        return new Training(configuration, backbone, model -> ModelStore.standard().resolve(model));
    }

    /** Calls a listener after each step. What it throws ends the training. */
    public Training onStep(Consumer<TrainingListener.Step> listener) {
        return listen(
                new TrainingListener() {
                    @Override
                    public void onStep(Step step) {
                        listener.accept(step);
                    }
                });
    }

    /** Calls a listener after each evaluation on the validation data. */
    public Training onEvaluation(Consumer<TrainingListener.Evaluated> listener) {
        return listen(
                new TrainingListener() {
                    @Override
                    public void onEvaluation(Evaluated evaluated) {
                        listener.accept(evaluated);
                    }
                });
    }

    /** Calls a listener with each decision and observation, as a line of text. */
    public Training onNote(Consumer<String> listener) {
        return listen(
                new TrainingListener() {
                    @Override
                    public void onNote(String note) {
                        listener.accept(note);
                    }
                });
    }

    /** Adds a listener for all events. Listeners are called in the order of these calls. */
    public Training listen(TrainingListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * Whether {@link #run} continues from the last checkpoint, with the same bits as a run that was
     * never interrupted. It must have the same configuration and data.
     */
    public Training resume(boolean fromLastCheckpoint) {
        resume = fromLastCheckpoint;
        return this;
    }

    /**
     * Whether {@link #run} may replace a model that is in {@code output.dir} already, without
     * keeping it. Else such a run is refused, unless it resumes or {@code output.keep} says how
     * many earlier models are kept.
     */
    public Training overwrite(boolean anEarlierModel) {
        overwrite = anEarlierModel;
        return this;
    }

    /**
     * Trains together with other processes, each of which calls {@link #run} with the same
     * configuration and data. Process 0 evaluates, writes and calls listeners; those of the others
     * hear {@link TrainingListener#onBegin} only, and their results have no scores. By default this
     * process trains alone.
     *
     * @param together from {@link Collective#open}; stays open
     */
    public Training across(Collective together) {
        processes = together;
        return this;
    }

    /** Whether there is a checkpoint that {@link #resume} could continue from. */
    public boolean hasCheckpoint() {
        return new RunDirectory(configuration.config().output().run()).hasCheckpoint();
    }

    /**
     * What {@link #run} would do.
     *
     * @throws ConfigurationException if the data does not fit the tasks
     * @throws MtlException if data cannot be read
     */
    public TrainingPlan plan() {
        return onPlatformThread(
                () -> new TrainingRun(configuration, backbone, store, processes).plan());
    }

    /**
     * Trains the model and writes its best state to {@code output.dir}. If the calling thread is
     * interrupted, training ends as by {@link #stop}, and the thread stays interrupted.
     *
     * @throws ConfigurationException if the data does not fit the tasks, {@code output.dir} has
     *     something else than a model, or a model that may not be replaced, or there is nothing to
     *     resume
     * @throws MtlException if data cannot be read or the model cannot be written, or another
     *     process is training into {@code output.dir}; names it
     * @throws IllegalStateException if it was called before, or this training is closed
     */
    public TrainingResult run() {
        if (begun.getAndSet(true)) {
            throw new IllegalStateException(
                    "this training has run, or is closed; Training.of makes another one");
        }
        return onPlatformThread(
                () ->
                        new TrainingRun(configuration, backbone, store, processes)
                                .run(listeners, resume, overwrite, () -> stopRequested));
    }

    /**
     * Ends {@link #run} after the step that is going on, or after the first. It leaves a checkpoint
     * and returns a result with {@link dev.mtl.train.progress.Outcome#INTERRUPTED}.
     */
    public void stop() {
        stopRequested = true;
    }

    /** Ends a {@link #run} that is going on, as {@link #stop} does, and waits for its end. */
    @Override
    public void close() {
        stop();
        begun.set(true);
        var thread = worker;
        if (thread == null || thread == Thread.currentThread()) { // called by a listener
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tensors belong to platform threads, and an interruption must not reach their work. */
    private <T> T onPlatformThread(Callable<T> work) {
        int threads = Threads.ofThisThread(); // a new thread may have the number of a worker
        var task = new FutureTask<>(() -> Threads.withThreads(threads, work::call));
        worker = Thread.ofPlatform().name("mtl-training").daemon().start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    stop();
                }
            }
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case RuntimeException known -> known;
                case Error error -> throw error;
                case null, default -> new IllegalStateException(e.getCause());
            };
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
