package dev.mtl.cli.option;

import dev.mtl.cli.predictions.PredictedRow;
import dev.mtl.cli.predictions.PredictionFile;
import dev.mtl.train.run.ScoredData;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files of evaluated rows. */
public final class ResultFiles {
    @Option(
            names = "--predictions",
            paramLabel = "FILE",
            description =
                    "Write every row with its predictions and what the data says; the name ends in"
                            + " .jsonl, .csv or .conll.")
    private @Nullable Path predictions;

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description = "Write the rows that some task has wrong, in the same way.")
    private @Nullable Path errors;

    /** Rejects names that cannot be written to, before anything is computed. */
    public void require() {
        PredictionFile.require("--predictions", predictions);
        PredictionFile.require("--errors", errors);
    }

    /** Writes the files that were asked for. */
    public void write(ScoredData data) {
        write("--predictions", predictions, data, false);
        write("--errors", errors, data, true);
    }

    private static void write(
            String option, @Nullable Path path, ScoredData data, boolean errorsOnly) {
        if (path == null) {
            return;
        }
        try (var file = PredictionFile.create(option, path, null)) {
            data.evaluation(
                    (example, predicted, right) -> {
                        if (!errorsOnly || right.containsValue(false)) {
                            var columns = new LinkedHashMap<String, @Nullable Object>();
                            columns.put("place", example.place());
                            file.write(
                                    new PredictedRow(
                                            columns,
                                            example.texts(),
                                            predicted,
                                            example.targets(),
                                            right,
                                            Map.of()));
                        }
                    });
            file.complete();
        }
    }
}
