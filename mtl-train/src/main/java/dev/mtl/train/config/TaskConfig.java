package dev.mtl.train.config;

import dev.mtl.core.head.Target;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.FieldValue;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import org.jspecify.annotations.Nullable;

import java.util.List;

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
 * @param targets reads the fields of the data; null if their format says what they are, see {@link
 *     dev.mtl.core.head.HeadProvider#readsTargets}
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
        @Nullable TargetReader<?> targets,
        Record settings) {
    /** The column of a row that the task learns. */
    public DataColumn column() {
        var train = data.train();
        var column =
                data.settings()
                        .target(train == null || DataConfig.isInMemory(train) ? null : train);
        return targets == null ? column : column.asRaw();
    }

    /**
     * The target of a row, which a head reads itself if it has targets of its own.
     *
     * @param target as the format has it
     * @param place of the row, for messages
     * @throws BadRowException if the field is no target
     */
    public Target target(Target target, List<PreTokenizedText> texts, String place) {
        if (targets == null || !(target instanceof FieldValue(var value))) {
            return target;
        }
        try {
            return targets.read(value, texts);
        } catch (IllegalArgumentException e) {
            throw new BadRowException(
                    place + ": column '" + data.settings().column() + "': " + e.getMessage());
        }
    }

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
                targets,
                settings);
    }
}
