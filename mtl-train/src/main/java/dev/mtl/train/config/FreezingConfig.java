package dev.mtl.train.config;

import java.util.List;

/**
 * What does not train.
 *
 * @param policy which parts
 * @param heads for {@link Policy#HEADS}: the tasks whose heads stay as they are
 */
public record FreezingConfig(Policy policy, List<String> heads) {
    static final FreezingConfig DEFAULTS = new FreezingConfig(Policy.NONE, List.of());

    /** Which parts of the network stay as they are. */
    public enum Policy {
        /** Everything trains. */
        NONE,
        /** Only the heads train. */
        BACKBONE,
        /** Some heads stay as they are, the rest trains. */
        HEADS
    }

    public FreezingConfig {
        heads = List.copyOf(heads);
        if (policy == Policy.HEADS && heads.isEmpty()) {
            throw new IllegalArgumentException(
                    "the policy 'heads' needs the names of tasks: {policy: heads, heads: [...]}");
        }
        if (policy != Policy.HEADS && !heads.isEmpty()) {
            throw new IllegalArgumentException("heads are named for the policy 'heads' only");
        }
    }
}
