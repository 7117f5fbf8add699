package dev.mtl.cli.predictions;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.LinkedHashMap;

/**
 * One JSON object a line: the row's columns, its text, and {@code tasks}: of each task the
 * prediction, {@code gold}, and whether it is {@code right}. A column that is called {@code tasks}
 * becomes {@code input.tasks}.
 *
 * @param topK the most labels of a prediction; null for the best one only
 */
record JsonRows(@Nullable Integer topK) implements PredictionFile.Rows {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TASKS = "tasks";

    @Override
    public void write(Appendable out, PredictedRow row) throws IOException {
        var json = new LinkedHashMap<String, @Nullable Object>();
        row.columns()
                .forEach(
                        (name, value) ->
                                json.put(name.equals(TASKS) ? "input.tasks" : name, value));
        if (row.texts().size() == 1) {
            json.putIfAbsent("text", row.text().text());
        } else {
            json.putIfAbsent("texts", row.texts().stream().map(PreTokenizedText::text).toList());
        }
        var tasks = new LinkedHashMap<String, Object>();
        row.predictions()
                .forEach(
                        (task, prediction) -> {
                            var own =
                                    new LinkedHashMap<>(
                                            topK == null
                                                    ? prediction.toJson()
                                                    : prediction.toJson(topK));
                            var gold = row.gold().get(task);
                            if (gold != null) {
                                own.put("gold", Gold.toJson(gold, row.text(), prediction));
                            }
                            var right = row.right().get(task);
                            if (right != null) {
                                own.put("right", right);
                            }
                            tasks.put(task, own);
                        });
        json.put(TASKS, tasks);
        json.putAll(row.more());
        out.append(JSON.writeValueAsString(json)).append('\n');
    }
}
