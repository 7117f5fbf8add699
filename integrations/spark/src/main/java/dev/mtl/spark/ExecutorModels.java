package dev.mtl.spark;

import dev.mtl.torch.logging.Loggers;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The models of an executor: each is loaded once, by the first task that uses it, and shared by all
 * tasks. It stays for the next job; a model that no task has used for ten minutes is freed when
 * another one is loaded.
 */
final class ExecutorModels {
    private static final Logger LOG = Loggers.of(ExecutorModels.class);
    private static final long IDLE_NANOS = Duration.ofMinutes(10).toNanos();

    /** Those of this JVM, which is what makes tasks share them. */
    private static final ExecutorModels OF_THIS_JVM =
            new ExecutorModels(
                    (use, workers) -> use.settings().load(use.location().directory(), workers),
                    System::nanoTime);

    private final Loader loader;
    private final LongSupplier clock;
    private final Map<Key, Entry> entries = new HashMap<>();

    private record Key(ModelUse use, int workers) {}

    /** Loads a model that is not there yet. */
    interface Loader {
        LoadedModel load(ModelUse use, int workers);
    }

    ExecutorModels(Loader loader, LongSupplier clock) {
        this.loader = loader;
        this.clock = clock;
    }

    static ExecutorModels ofThisJvm() {
        return OF_THIS_JVM;
    }

    /** A model and who uses it. */
    private final class Entry {
        private final Key key;

        /** Guarded by the models. */
        private int users;

        private long idleSince;

        /** Guarded by this entry. */
        private @Nullable LoadedModel model;

        Entry(Key key) {
            this.key = key;
        }

        synchronized LoadedModel load() {
            if (model == null) {
                closeIdle();
                LOG.info("loading {} for {} threads", key.use.location().name(), key.workers);
                model = loader.load(key.use, key.workers);
            }
            return model;
        }

        synchronized void close() {
            if (model != null) {
                LOG.info("freeing {}, which is not used any more", key.use.location().name());
                model.close();
            }
        }
    }

    /** A task's use of a model. */
    final class Lease implements AutoCloseable {
        private final Entry entry;
        private final LoadedModel model;
        private boolean closed;

        private Lease(Entry entry, LoadedModel model) {
            this.entry = entry;
            this.model = model;
        }

        LoadedModel model() {
            return model;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                release(entry);
            }
        }
    }

    /**
     * A model, loaded if it is not there; other tasks that want it wait.
     *
     * @throws dev.mtl.core.MtlException if it cannot be loaded; the next task tries again
     */
    Lease lease(ModelUse use, int workers) {
        var entry = enter(new Key(use, workers));
        try {
            return new Lease(entry, entry.load());
        } catch (RuntimeException | Error e) {
            release(entry);
            throw e;
        }
    }

    private synchronized Entry enter(Key key) {
        var entry = entries.computeIfAbsent(key, Entry::new);
        entry.users++;
        return entry;
    }

    private synchronized void release(Entry entry) {
        entry.users--;
        entry.idleSince = clock.getAsLong();
    }

    private void closeIdle() {
        idle().forEach(Entry::close);
    }

    private synchronized List<Entry> idle() {
        long now = clock.getAsLong();
        var idle = new ArrayList<Entry>();
        for (var entry : entries.values()) {
            if (entry.users == 0 && now - entry.idleSince > IDLE_NANOS) {
                idle.add(entry);
            }
        }
        idle.forEach(entry -> entries.remove(entry.key));
        return idle;
    }
}
