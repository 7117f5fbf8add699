package dev.mtl.server.model;

import dev.mtl.core.MtlException;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.server.settings.ModelSource;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/** A model that is served, one version of it at a time. */
public final class ServedModel implements AutoCloseable {
    private final ModelSource source;
    private final PipelineOptions options;
    private final @Nullable Path exampleFile;
    private final Consumer<LoadedModel> onLoad;
    private final ReentrantLock loading = new ReentrantLock();
    private volatile LoadedModel current;

    /**
     * Loads a model.
     *
     * @param exampleFile null for none
     * @param onLoad hears of each version before it serves
     * @throws dev.mtl.core.ConfigurationException if it is no model, or the options do not fit it
     * @throws dev.mtl.core.MtlException if files are missing or damaged
     */
    ServedModel(
            ModelSource source,
            PipelineOptions options,
            @Nullable Path exampleFile,
            Consumer<LoadedModel> onLoad) {
        this.source = source;
        this.options = options;
        this.exampleFile = exampleFile;
        this.onLoad = onLoad;
        this.current = load();
    }

    private LoadedModel load() {
        var pipeline = source.load(options);
        try {
            var examples = exampleFile == null ? null : Examples.read(exampleFile, pipeline);
            var loaded = new LoadedModel(source.name(), pipeline, examples);
            onLoad.accept(loaded);
            return loaded;
        } catch (RuntimeException | Error e) {
            pipeline.close();
            throw e;
        }
    }

    /** Uses the version that serves now; it stays open meanwhile. */
    public <T> T use(Function<LoadedModel, T> use) {
        var model = current;
        while (!model.enter()) {
            model = current;
        }
        try {
            return use.apply(model);
        } finally {
            model.leave();
        }
    }

    /**
     * Loads the model again, and serves that version from now on. If that fails, the old version
     * goes on serving.
     *
     * @throws dev.mtl.core.MtlException if it cannot be loaded
     */
    public void reload() {
        loading.lock();
        try {
            var old = current;
            current = loadOnPlatformThread();
            old.leave();
        } finally {
            loading.unlock();
        }
    }

    /** Tensors belong to platform threads, and requests run on virtual ones. */
    private LoadedModel loadOnPlatformThread() {
        var task = new FutureTask<>(this::load);
        Thread.ofPlatform().daemon().name("mtl-load").start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("the thread was interrupted while a model was loaded", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new MtlException("a model cannot be loaded: " + e.getCause(), e);
        }
    }

    public String name() {
        return source.name();
    }

    ModelSource source() {
        return source;
    }

    @Override
    public void close() {
        current.leave();
    }
}
