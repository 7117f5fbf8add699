package dev.mtl.train.config;

import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import org.jspecify.annotations.Nullable;

/**
 * A task.
 *
 * @param name the key of its predictions and scores
 * @param head the type of its head
 * @param lossWeight the weight of its loss in the sum
 * @param headLr the learning rate of its head; null for {@code base_lr}
 * @param layers which layers of the backbone its head reads
 * @param onUnknownLabel what happens at a label of validation or test data that the training data
 *     does not have
 * @param tagsMarkEntities whether the head learns tags as BIO2, see {@link
 *     dev.mtl.core.head.HeadProvider#tagsMarkEntities}
 * @param masksTexts whether the head has its texts to itself, see {@link
 *     dev.mtl.core.head.HeadProvider#masksTexts}
 * @param settings the settings record of the head type
 */
public record TaskConfig(
        String name,
        String head,
        double lossWeight,
        @Nullable Double headLr,
        LayerMix layers,
        OnUnknownLabel onUnknownLabel,
        DataConfig data,
        boolean tagsMarkEntities,
        boolean masksTexts,
        Record settings) {
    /** The same with absolute paths of data. */
    TaskConfig absolute() {
        return new TaskConfig(
                name,
                head,
                lossWeight,
                headLr,
                layers,
                onUnknownLabel,
                data.absolute(),
                tagsMarkEntities,
                masksTexts,
                settings);
    }
}
