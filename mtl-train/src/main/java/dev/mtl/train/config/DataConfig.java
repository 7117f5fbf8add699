package dev.mtl.train.config;

import dev.mtl.train.config.yaml.Checks;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.format.settings.JointBertSettings;
import dev.mtl.train.settings.DataSettings.OnBadRow;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * The data of a task: its files, and how they are read.
 *
 * @param train what the task learns from: a file, or {@link #inMemory}; null if it is only scored
 * @param validation what the best model is selected by; null for none
 * @param test what {@code mtl evaluate --split test} scores; null for none
 * @param validationSplit the share of {@code train} that is held out as validation data, always the
 *     same rows; 0 for none
 * @param testSplit the share of {@code train} that is held out as test data; 0 for none
 * @param streaming whether {@code train} is read again in each epoch instead of kept in memory
 * @param bufferSize of streamed training data: the rows among which the next one is drawn
 * @param retrieval a corpus that is searched in each evaluation
 * @param settings of the files' format; in YAML its keys stand beside the others
 * @param onBadRow whether a row that cannot be read ends the run or is left out and counted
 */
public record DataConfig(
        @Nullable String train,
        @Nullable String validation,
        @Nullable String test,
        double validationSplit,
        double testSplit,
        boolean streaming,
        int bufferSize,
        RetrievalConfig retrieval,
        FormatSettings settings,
        OnBadRow onBadRow) {
    /** The rows of a shuffle buffer, unless the configuration says how many. */
    static final int BUFFER_SIZE = 10_000;

    private static final String MEMORY = "memory:";

    /** What YAML leaves out. */
    static final DataConfig DEFAULTS = of(JointBertSettings.DEFAULTS);

    public DataConfig {
        requireHeldOut("validation", validationSplit, validation, train);
        requireHeldOut("test", testSplit, test, train);
        if (validationSplit + testSplit >= 1) {
            throw new IllegalArgumentException(
                    "test_split and validation_split leave nothing of train to learn from");
        }
        if (bufferSize < 1) {
            throw new IllegalArgumentException(
                    "buffer_size is " + bufferSize + ", it takes 1 or more");
        }
        if (bufferSize != BUFFER_SIZE && !streaming) {
            throw new IllegalArgumentException(
                    "buffer_size is that of streamed data, which needs streaming: true");
        }
        if (retrieval.isOn() && validation == null && validationSplit == 0) {
            throw new IllegalArgumentException(
                    "retrieval is scored with the validation data, and there is none; give"
                            + " validation or validation_split");
        }
        if (streaming && train == null) {
            throw new IllegalArgumentException("streaming reads train, but train is null");
        }
    }

    private static void requireHeldOut(
            String split, double share, @Nullable String file, @Nullable String train) {
        Checks.within(split + "_split", share, 0, 1);
        if (share > 0 && file != null) {
            throw new IllegalArgumentException(
                    split
                            + "_split holds out rows of train, but "
                            + split
                            + " names another file; give one of them");
        }
        if (share > 0 && train == null) {
            throw new IllegalArgumentException(
                    split + "_split holds out rows of train, but train is null");
        }
    }

    /** Settings without any files. */
    public static DataConfig of(FormatSettings settings) {
        return new DataConfig(
                null,
                null,
                null,
                0,
                0,
                false,
                BUFFER_SIZE,
                RetrievalConfig.NONE,
                settings,
                OnBadRow.FAIL);
    }

    /** The same with absolute paths, for a reader in another working directory. */
    DataConfig absolute() {
        return new DataConfig(
                absolute(train),
                absolute(validation),
                absolute(test),
                validationSplit,
                testSplit,
                streaming,
                bufferSize,
                retrieval.absolute(),
                settings,
                onBadRow);
    }

    static @Nullable String absolute(@Nullable String file) {
        return file == null || isInMemory(file)
                ? file
                : Path.of(file).toAbsolutePath().normalize().toString();
    }

    /** The value that stands for a data set in memory, in the place of a file. */
    public static String inMemory(String name) {
        return MEMORY + name;
    }

    /** Whether a value stands for a data set in memory, which a file cannot give. */
    public static boolean isInMemory(String file) {
        return file.startsWith(MEMORY);
    }

    /** The name in {@link #inMemory}. */
    public static String nameInMemory(String value) {
        return value.substring(MEMORY.length());
    }

    /** The file of a split, null if the configuration names none. */
    public @Nullable String file(Split split) {
        return switch (split) {
            case TRAIN -> train;
            case VALIDATION -> validationSplit > 0 ? train : validation;
            case TEST -> testSplit > 0 ? train : test;
        };
    }

    /** The parts that a data set is split into. */
    public enum Split {
        TRAIN,
        VALIDATION,
        TEST
    }
}
