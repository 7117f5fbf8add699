package dev.mtl.server.model;

import dev.mtl.core.pipeline.Pipeline;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** One version of a model. It is closed once it is replaced and nobody uses it any more. */
public final class LoadedModel {
    private final String name;
    private final Pipeline pipeline;
    private final List<TaskInfo> tasks;
    private final @Nullable Examples examples;
    private int users = 1; // the one that serves it

    LoadedModel(String name, Pipeline pipeline, @Nullable Examples examples) {
        this.name = name;
        this.pipeline = pipeline;
        this.tasks = TaskInfo.of(pipeline);
        this.examples = examples;
    }

    /** False if it is closed or about to be. */
    synchronized boolean enter() {
        if (users == 0) {
            return false;
        }
        users++;
        return true;
    }

    void leave() {
        boolean last;
        synchronized (this) {
            users--;
            last = users == 0;
        }
        if (last) {
            pipeline.close();
        }
    }

    public String name() {
        return name;
    }

    public Pipeline pipeline() {
        return pipeline;
    }

    public List<TaskInfo> tasks() {
        return tasks;
    }

    /** The tasks that take this many texts. */
    public List<TaskInfo> tasksOf(int texts) {
        return tasks.stream().filter(task -> task.takes(texts)).toList();
    }

    /** Texts that the nearest ones are found among; null if the server has none. */
    public @Nullable Examples examples() {
        return examples;
    }
}
