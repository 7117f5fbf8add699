package dev.mtl.server.model;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Loads models again when their files have changed and then stayed the same for one period. Files
 * are compared by name, size and time, which works on all file systems.
 */
public final class DirectoryWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);

    /** The heads of tasks are two levels deep. */
    private static final int DEPTH = 3;

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("mtl-watch").factory());
    private final Map<ServedModel, Seen> seen = new LinkedHashMap<>();

    /**
     * States of a directory.
     *
     * @param loaded when the model was loaded last
     * @param last at the last look
     */
    private record Seen(String loaded, String last) {}

    public DirectoryWatch(ServedModels models, Duration period) {
        for (var model : models.all()) {
            var state = state(model.source().files().path());
            seen.put(model, new Seen(state, state));
        }
        var _ =
                thread.scheduleWithFixedDelay(
                        this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        seen.replaceAll(
                (model, before) -> {
                    var now = state(model.source().files().path());
                    if (now.equals(before.loaded) || !now.equals(before.last)) {
                        return new Seen(before.loaded, now);
                    }
                    reload(model);
                    return new Seen(now, now);
                });
    }

    private static void reload(ServedModel model) {
        try {
            model.reload();
            LOG.warn("model {} has changed and is loaded again", model.name());
        } catch (RuntimeException e) {
            LOG.error(
                    "model {} has changed but cannot be loaded; the version before goes on"
                            + " serving: {}",
                    model.name(),
                    e.getMessage());
        }
    }

    private static String state(Path directory) {
        var state = new StringBuilder();
        try (var files =
                Files.find(directory, DEPTH, (_, attributes) -> attributes.isRegularFile())) {
            files.sorted().forEach(file -> state.append(describe(directory, file)));
        } catch (IOException | java.io.UncheckedIOException e) {
            state.append("being replaced");
        }
        return state.toString();
    }

    private static String describe(Path directory, Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return "%s %d %s%n"
                    .formatted(
                            directory.relativize(file),
                            attributes.size(),
                            attributes.lastModifiedTime());
        } catch (IOException e) {
            return file + " is being replaced";
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
