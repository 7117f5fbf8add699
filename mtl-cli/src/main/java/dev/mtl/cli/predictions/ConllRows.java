package dev.mtl.cli.predictions;

import dev.mtl.core.head.Target;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.tokenizer.Word;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A word a line, separated by tabs from its columns: those of the row that have an item for each
 * word, and for each task with tags the gold tag, where the data has one, and the predicted tag, as
 * {@code conlleval} reads the last two columns. Everything else is in comment lines {@code # name =
 * value} before the words.
 */
final class ConllRows implements PredictionFile.Rows {
    @Override
    public void write(Appendable out, PredictedRow row) throws IOException {
        var words = row.text().words().stream().map(Word::text).toList();
        var columns = new ArrayList<List<String>>();
        boolean hasWords = false;
        for (var column : row.columns().entrySet()) {
            if (column.getValue() instanceof List<?> cells && cells.size() == words.size()) {
                var own = cells.stream().map(Gold::cell).toList();
                columns.add(own);
                hasWords |= own.equals(words);
            } else {
                comment(out, column.getKey(), Gold.cell(column.getValue()));
            }
        }
        if (!hasWords) {
            columns.addFirst(words);
        }
        for (var task : row.predictions().entrySet()) {
            var gold = row.gold().get(task.getKey());
            if (task.getValue() instanceof EntityPrediction entities
                    && entities.tags().size() == words.size()) {
                if (gold instanceof Target.Tags(var tags)) {
                    columns.add(tags);
                }
                columns.add(entities.tags());
            } else {
                if (gold != null) {
                    comment(out, task.getKey() + ".gold", Gold.toCell(gold));
                }
                comment(out, task.getKey() + ".predicted", Gold.toCell(task.getValue()));
            }
        }
        for (int i = 0; i < words.size(); i++) {
            int word = i;
            out.append(String.join("\t", columns.stream().map(cells -> cells.get(word)).toList()))
                    .append('\n');
        }
        out.append('\n');
    }

    private static void comment(Appendable out, String name, String value) throws IOException {
        out.append("# ").append(name).append(" = ");
        out.append(value.replaceAll("\\R", " ")).append('\n');
    }
}
