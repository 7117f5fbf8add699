package dev.mtl.cli.predictions;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A row with what a model says of it.
 *
 * @param columns what is known of the row besides, by name: strings, numbers, lists; a list with an
 *     item for each word is a column of CoNLL
 * @param texts of the row
 * @param predictions by task; of what the data asks, where it says that
 * @param gold what the data says, by task; may lack tasks
 * @param right whether the prediction is right, by task; may lack tasks
 * @param more of the row's JSON, such as an embedding
 */
public record PredictedRow(
        SequencedMap<String, @Nullable Object> columns,
        List<PreTokenizedText> texts,
        SequencedMap<String, Prediction> predictions,
        Map<String, Target> gold,
        Map<String, Boolean> right,
        Map<String, Object> more) {
    public PredictedRow {
        var asked = new LinkedHashMap<>(predictions);
        gold.forEach(
                (task, target) ->
                        asked.computeIfPresent(
                                task, (name, prediction) -> prediction.asked(target)));
        predictions = asked;
    }

    /** The first text, in most data the only one. */
    PreTokenizedText text() {
        return texts.getFirst();
    }
}
