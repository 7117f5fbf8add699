package dev.mtl.train.config;

import java.util.List;

/**
 * What does not train.
 *
 * @param policy which parts; what it needs implies it, so that {@code {heads: [intent]}} is enough
 * @param heads for {@link Policy#HEADS}: the tasks whose heads stay as they are
 * @param layers for {@link Policy#LAYERS}: what becomes of which encoder layer
 * @param unfreezeEvery for {@link Policy#LAYERS}: when the next gradual layer joins; {@code even}
 *     spreads them over training
 * @param frozenDropout whether frozen layers drop out all the same while training
 */
public record FreezingConfig(
        Policy policy,
        List<String> heads,
        LayersConfig layers,
        String unfreezeEvery,
        boolean frozenDropout) {
    /** The value of {@code unfreeze_every} that spreads the layers over training. */
    public static final String EVENLY = "even";

    static final FreezingConfig DEFAULTS =
            new FreezingConfig(Policy.NONE, List.of(), LayersConfig.NONE, EVENLY, false);

    /** Which parts of the network stay as they are. */
    public enum Policy {
        /** Everything trains. */
        NONE,
        /** Nothing trains: the model is a feature extractor. */
        FULL,
        /** Only the heads train. */
        BACKBONE,
        /** Some heads stay as they are, the rest trains. */
        HEADS,
        /** The lower layers stay as they are, those above join one after the other. */
        LAYERS
    }

    public FreezingConfig {
        heads = List.copyOf(heads);
        boolean layered = !layers.equals(LayersConfig.NONE);
        if (policy == Policy.NONE && layered != !heads.isEmpty()) {
            policy = layered ? Policy.LAYERS : Policy.HEADS;
        }
        if (policy == Policy.HEADS && heads.isEmpty()) {
            throw new IllegalArgumentException(
                    "the policy 'heads' needs the names of tasks: {policy: heads, heads: [...]}");
        }
        if (policy != Policy.HEADS && !heads.isEmpty()) {
            throw new IllegalArgumentException("heads are named for the policy 'heads' only");
        }
        if (policy == Policy.LAYERS && !layered) {
            throw new IllegalArgumentException(
                    "the policy 'layers' needs ranges of layers: {policy: layers, layers:"
                            + " {frozen: 1-4, gradual: 5-8, always: 9-12}}");
        }
        if (policy != Policy.LAYERS && layered) {
            throw new IllegalArgumentException("layers are named for the policy 'layers' only");
        }
        if (!unfreezeEvery.equals(EVENLY)) {
            Interval.parse("unfreeze_every", unfreezeEvery);
        }
    }
}
