package dev.mtl.train.config.training;

import dev.mtl.core.adapter.AdapterPlan;
import dev.mtl.core.adapter.Lora;
import dev.mtl.train.settings.AdapterSettings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * The adapters that train in place of the backbone.
 *
 * @param type none, or LoRA
 * @param rank of the matrices
 * @param alpha what their product is multiplied by, times the rank
 * @param targets the linear layers that are adapted, by the ends of their names
 * @param dropout of what the matrices read, while training
 * @param perTask whether each task has an adapter of its own
 * @param merge whether the model is saved with the adapter added to its weights; null: unless the
 *     tasks have their own
 * @param initFrom a directory of PEFT's files that training begins with, null for none
 */
public record AdapterConfig(
        AdapterSettings.Type type,
        int rank,
        double alpha,
        List<String> targets,
        double dropout,
        boolean perTask,
        @Nullable Boolean merge,
        @Nullable String initFrom) {
    static final AdapterConfig NONE =
            new AdapterConfig(
                    AdapterSettings.Type.NONE,
                    8,
                    16,
                    List.of("query", "value"),
                    0,
                    false,
                    null,
                    null);

    public AdapterConfig {
        targets = List.copyOf(targets);
        new Lora(rank, alpha, targets, dropout); // checks them
        if (perTask && merge != null && merge) {
            throw new IllegalArgumentException(
                    "merge is true, but per_task gives each task an adapter of its own, and the"
                            + " weights can have only one added; leave merge out");
        }
    }

    /** Whether adapters train. */
    public boolean isOn() {
        return type != AdapterSettings.Type.NONE;
    }

    /** The adapters of a new model; null for none. */
    public @Nullable AdapterPlan plan() {
        if (!isOn()) {
            return null;
        }
        return new AdapterPlan(
                new Lora(rank, alpha, targets, dropout),
                perTask,
                merge == null ? !perTask : merge,
                initFrom == null ? null : Path.of(initFrom));
    }

    /** Rejects keys that take effect with adapters only. */
    void requireType() {
        if (!isOn() && !equals(NONE)) {
            throw new IllegalArgumentException(
                    "adapter has keys, but no type; set training.adapter.type: lora");
        }
    }
}
