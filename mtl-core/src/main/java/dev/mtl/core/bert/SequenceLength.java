package dev.mtl.core.bert;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pooling.modules.SentenceModules;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/** The longest input of a model, in tokens. */
public final class SequenceLength {
    private SequenceLength() {}

    /**
     * What was asked for, else what the model's files say, never more than it has positions.
     *
     * @throws ConfigurationException if more was asked for than the model has positions
     */
    public static int choose(@Nullable Integer asked, Path directory, BertConfig config) {
        int positions = config.maxLength();
        if (asked == null) {
            return Math.min(positions, SentenceModules.maxLength(directory).orElse(positions));
        }
        if (asked < 3 || asked > positions) {
            throw new ConfigurationException(
                    "max_length " + asked + ": this model takes 3 to " + positions + " tokens");
        }
        return asked;
    }
}
