package dev.mtl.train.settings;

import java.nio.file.Path;
import java.util.List;

/** The section {@code training.adapter}: small matrices that train in place of the backbone. */
public final class AdapterSettings extends Keys<AdapterSettings> {
    /** The kind of adapter. */
    public enum Type {
        /** The backbone itself trains. */
        NONE,
        /** Low-rank adaptation (Hu et al. 2021). */
        LORA
    }

    /** No key is set. */
    public AdapterSettings() {}

    /** The kind of adapter. */
    public AdapterSettings type(Type type) {
        return set("type", type);
    }

    /** The rank of the matrices. */
    public AdapterSettings rank(int rank) {
        return set("rank", rank);
    }

    /** What their product is multiplied by, times the rank. */
    public AdapterSettings alpha(double alpha) {
        return set("alpha", alpha);
    }

    /** The linear layers that are adapted, by the ends of their names. */
    public AdapterSettings targets(String... targets) {
        return set("targets", List.of(targets));
    }

    /** Dropout of what the matrices read, while training. */
    public AdapterSettings dropout(double dropout) {
        return set("dropout", dropout);
    }

    /** Whether each task has an adapter of its own. */
    public AdapterSettings perTask(boolean perTask) {
        return set("per_task", perTask);
    }

    /** Whether the model is saved with the adapter added to its weights. */
    public AdapterSettings merge(boolean merge) {
        return set("merge", merge);
    }

    /** A directory of PEFT's files that training begins with. */
    public AdapterSettings initFrom(Path directory) {
        return set("init_from", directory.toString());
    }
}
