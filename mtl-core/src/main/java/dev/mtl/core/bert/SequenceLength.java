package dev.mtl.core.bert;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pooling.modules.SentenceModules;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/** The maximum sequence length of a model. */
public final class SequenceLength {
    private SequenceLength() {}

    /**
     * The requested length, else the one in the model's files, at most its number of positions.
     *
     * @throws ConfigurationException if the request is below 3 or above the number of positions
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
