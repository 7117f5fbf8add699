package dev.mtl.train.config;

import org.jspecify.annotations.Nullable;

/**
 * A task.
 *
 * @param name as predictions call it
 * @param head the type of its head
 * @param lossWeight what its loss counts in the sum
 * @param headLr the learning rate of its head, null for {@code base_lr}
 * @param settings the head type's own record
 */
public record TaskConfig(
        String name,
        String head,
        double lossWeight,
        @Nullable Double headLr,
        DataConfig data,
        Record settings) {}
