package dev.mtl.train.settings;

import java.util.List;
import java.util.function.Consumer;

/** {@code training.freezing}: which parts of the model are frozen. */
public final class FreezingSettings extends Keys<FreezingSettings> {
    private final Layers layers = new Layers();

    /** Which parts of the network are frozen. */
    public enum Policy {
        /** Everything trains. */
        NONE,
        /** Nothing trains: the model is a feature extractor. */
        FULL,
        /** Only the heads train. */
        BACKBONE,
        /** Some heads are frozen, everything else trains. */
        HEADS,
        /** The lower layers are frozen; those above may join one after the other. */
        LAYERS
    }

    /**
     * {@code training.freezing.layers}: ranges of encoder layers such as {@code 1-4}, counted from
     * 1 at the bottom. They follow one another from layer 1 to the last.
     */
    public static final class Layers extends Keys<Layers> {
        private Layers() {}

        /** Layers that never train, with the embeddings below them. */
        public Layers frozen(String range) {
            return set("frozen", range);
        }

        /** Layers that join one after the other, from the top. */
        public Layers gradual(String range) {
            return set("gradual", range);
        }

        /** Layers that train from the first step on. */
        public Layers always(String range) {
            return set("always", range);
        }
    }

    /** No key is set. */
    public FreezingSettings() {}

    /** Which parts are frozen; {@link #heads} and {@link #layers} imply their policy. */
    public FreezingSettings policy(Policy policy) {
        return set("policy", policy);
    }

    /** The tasks whose heads are frozen. */
    public FreezingSettings heads(String... tasks) {
        return set("heads", List.of(tasks));
    }

    /** Which encoder layers are frozen, and which join. */
    public FreezingSettings layers(Consumer<Layers> ranges) {
        ranges.accept(layers);
        return set("layers", layers.toMap());
    }

    /** When the next gradual layer joins: {@code even}, {@code 1 epoch}, {@code 200 steps}. */
    public FreezingSettings unfreezeEvery(String interval) {
        return set("unfreeze_every", interval);
    }

    /** Whether frozen layers use dropout while training. */
    public FreezingSettings frozenDropout(boolean frozenDropout) {
        return set("frozen_dropout", frozenDropout);
    }
}
