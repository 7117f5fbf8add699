package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.TrainingConfiguration;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration as the driver has it, for executors that have neither its file nor its
 * environment. {@code ${TRAIN_ROWS}} and {@code ${VALIDATION_ROWS}} in it are the Parquet files of
 * the rows.
 *
 * @param name of the file
 * @param text of the file
 * @param environment the variables that it names
 * @param overrides as {@code --set} makes them
 */
record TrainingYaml(
        String name, String text, Map<String, String> environment, List<String> overrides)
        implements Serializable {
    /** Rows to learn from. */
    static final String TRAIN = "TRAIN_ROWS";

    /** Rows that select the best model. */
    static final String VALIDATION = "VALIDATION_ROWS";

    /** The folders of the rows, by variable. */
    static final Map<String, String> FOLDERS = Map.of(TRAIN, "train", VALIDATION, "validation");

    /**
     * Reads a file of the driver.
     *
     * @throws ConfigurationException if it cannot be read
     */
    static TrainingYaml read(Path file, Map<String, String> environment, List<String> overrides) {
        try {
            var text = Files.readString(file);
            var named = new HashMap<>(environment);
            named.keySet().removeIf(variable -> !text.contains("${" + variable));
            return new TrainingYaml(
                    String.valueOf(file.getFileName()),
                    text,
                    Map.copyOf(named),
                    List.copyOf(overrides));
        } catch (IOException e) {
            throw new ConfigurationException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /** Whether the configuration reads the rows of a variable. */
    boolean reads(String variable) {
        return text.contains("${" + variable);
    }

    /**
     * The configuration.
     *
     * @param file that has the text
     * @param rows the folder of the rows
     * @param output the model's folder; null for that of the configuration
     * @param workers threads of a process
     * @throws ConfigurationException with every mistake
     */
    TrainingConfiguration configuration(Path file, Path rows, @Nullable Path output, int workers) {
        var variables = new HashMap<>(environment);
        FOLDERS.forEach(
                (variable, folder) -> variables.put(variable, rows.resolve(folder) + "/*.parquet"));
        var all = new ArrayList<String>();
        all.add("training.workers=" + workers);
        all.addAll(overrides);
        if (output != null) {
            all.add("output.dir=\"%s\"".formatted(output.toString().replace("\\", "\\\\")));
        }
        return TrainingConfiguration.read(file, variables, all, HeadRegistry.load());
    }
}
