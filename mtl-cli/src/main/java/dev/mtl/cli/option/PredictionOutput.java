package dev.mtl.cli.option;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.predictions.PredictionFile;
import dev.mtl.core.ConfigurationException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Locale;

/** The file that predictions are written to, instead of being printed. */
public final class PredictionOutput {
    @Option(
            names = "--output",
            paramLabel = "FILE",
            description =
                    "Write the predictions to a file, with the columns of the input and its gold"
                            + " labels beside them; the name ends in .jsonl, .csv or .conll.")
    private @Nullable Path output;

    /**
     * Rejects a name that cannot be written to, before anything is computed.
     *
     * @param input which the output must not replace; null for none
     */
    public void require(@Nullable Path input) {
        PredictionFile.require("--output", output);
        if (input != null && output != null && absolute(input).equals(absolute(output))) {
            throw new ConfigurationException(
                    "--output " + output + ": is the input; name another file");
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Whether there is such a file. */
    public boolean isNamed() {
        return output != null;
    }

    /** Whether its rows are JSON objects. */
    public boolean isJson() {
        return output != null && output.toString().toLowerCase(Locale.ROOT).matches(".*[.]jsonl?");
    }

    /**
     * Begins the file; null if there is none.
     *
     * @param topK the most labels of a prediction in JSON; null for the best one only
     */
    public @Nullable PredictionFile create(@Nullable Integer topK) {
        return output == null ? null : PredictionFile.create("--output", output, topK);
    }

    /** All rows are written. */
    public void complete(Console console, @Nullable PredictionFile file) {
        if (file != null) {
            file.complete();
            console.say("%s: %d rows with predictions".formatted(output, file.count()));
        }
    }
}
