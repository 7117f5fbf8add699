package dev.mtl.train.settings;

import dev.mtl.core.head.HeadProvider;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A task of the section {@code tasks}: its head with the head's settings, its weight in the loss,
 * and its data.
 */
public final class TaskSettings extends Keys<TaskSettings> {
    private final DataSettings data = new DataSettings();

    /** Values of {@link #onUnknownLabel}. */
    public enum OnUnknownLabel {
        /** The run ends with the place of the row. */
        FAIL,
        /** The row is left out of the scores of this task, and counted. */
        SKIP,
        /** The row counts as wrong: no prediction can be right. */
        WRONG
    }

    /** No key is set. */
    public TaskSettings() {}

    /** The type of the head, such as {@code classification}. */
    public TaskSettings head(String type) {
        return set("head", type);
    }

    /**
     * The head's provider itself: a head that no service file names. To load the trained model, the
     * provider must be known by a service file, or be given there, too.
     */
    public TaskSettings head(HeadProvider<?> provider) {
        return set("head", provider);
    }

    /** All settings of the head, as the record that its provider takes. */
    public TaskSettings settings(Record settings) {
        return setAll(settings);
    }

    /** The weight of this task's loss in the sum. */
    public TaskSettings lossWeight(double lossWeight) {
        return set("loss_weight", lossWeight);
    }

    /** The learning rate of this head instead of {@code base_lr}. */
    public TaskSettings headLr(double headLr) {
        return set("head_lr", headLr);
    }

    /** All layers of the backbone, of which the head reads a learned mix. */
    public TaskSettings allLayers() {
        return set("layers", "all");
    }

    /** The layers of the backbone of which the head reads a learned mix, from 1. */
    public TaskSettings layers(int... layers) {
        return set("layers", Arrays.stream(layers).boxed().toList());
    }

    /** What happens at a label that the training data does not have, in data to be scored. */
    public TaskSettings onUnknownLabel(OnUnknownLabel onUnknownLabel) {
        return set("on_unknown_label", onUnknownLabel);
    }

    /** What the task learns from and is scored on. Repeated calls add to each other. */
    public TaskSettings data(Consumer<DataSettings> keysOfData) {
        keysOfData.accept(data);
        return set("data", data.toMap());
    }
}
