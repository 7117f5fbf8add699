package dev.mtl.train.config;

import org.jspecify.annotations.Nullable;

/**
 * A task.
 *
 * @param name the key of its predictions and scores
 * @param head the type of its head
 * @param lossWeight the weight of its loss in the sum
 * @param headLr the learning rate of its head; null for {@code base_lr}
 * @param settings the settings record of the head type
 */
public record TaskConfig(
        String name,
        String head,
        double lossWeight,
        @Nullable Double headLr,
        DataConfig data,
        Record settings) {}
