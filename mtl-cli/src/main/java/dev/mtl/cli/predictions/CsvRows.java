package dev.mtl.cli.predictions;

import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.apache.commons.csv.CSVFormat;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table of RFC 4180: the row's columns, or its text where it has none, and for each task {@code
 * TASK.gold}, {@code TASK.predicted}, and {@code TASK.score} of a label. The first row decides
 * which columns there are.
 */
final class CsvRows implements PredictionFile.Rows {
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();

    private List<String> header = List.of();

    @Override
    public void write(Appendable out, PredictedRow row) throws IOException {
        var cells = cells(row, header.isEmpty());
        if (header.isEmpty()) {
            header = List.copyOf(cells.keySet());
            FORMAT.print(out).printRecord(header);
        }
        FORMAT.print(out)
                .printRecord(header.stream().map(name -> cells.getOrDefault(name, "")).toList());
    }

    private static Map<String, String> cells(PredictedRow row, boolean first) {
        var cells = new LinkedHashMap<String, String>();
        row.columns().forEach((name, value) -> cells.put(name, Gold.cell(value)));
        var text =
                row.texts().stream().map(PreTokenizedText::text).collect(Collectors.joining(" | "));
        if (!row.columns().containsValue(row.text().text())) {
            cells.putIfAbsent("text", text);
        }
        row.predictions()
                .forEach(
                        (task, prediction) -> {
                            var gold = row.gold().get(task);
                            if (gold != null || (first && !row.gold().isEmpty())) {
                                cells.put(task + ".gold", gold == null ? "" : Gold.toCell(gold));
                            }
                            cells.put(task + ".predicted", Gold.toCell(prediction));
                            if (prediction instanceof LabelPrediction) {
                                cells.put(task + ".score", Gold.score(prediction));
                            }
                        });
        return cells;
    }
}
