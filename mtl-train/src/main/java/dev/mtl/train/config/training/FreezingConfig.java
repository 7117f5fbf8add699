package dev.mtl.train.config.training;

import dev.mtl.train.settings.FreezingSettings.Policy;

import java.util.List;

/**
 * Which parts of the model are frozen.
 *
 * @param policy which parts; implied by {@code heads} and {@code layers}, so that {@code {heads:
 *     [intent]}} is enough
 * @param heads for {@link Policy#HEADS}: the tasks whose heads are frozen
 * @param layers for {@link Policy#LAYERS}: which encoder layers are frozen, and when they join
 * @param unfreezeEvery for {@link Policy#LAYERS}: the interval at which gradual layers join; {@code
 *     even} spreads them over the training
 * @param frozenDropout whether frozen layers use dropout while training
 */
public record FreezingConfig(
        Policy policy,
        List<String> heads,
        LayersConfig layers,
        String unfreezeEvery,
        boolean frozenDropout) {
    /** The value of {@code unfreeze_every} that spreads the layers over the training. */
    public static final String EVENLY = "even";

    static final FreezingConfig DEFAULTS =
            new FreezingConfig(Policy.NONE, List.of(), LayersConfig.NONE, EVENLY, false);

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
