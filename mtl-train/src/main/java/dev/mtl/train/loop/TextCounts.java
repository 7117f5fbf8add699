package dev.mtl.train.loop;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.data.DataGroup;

import java.util.List;

/** Whether examples have as many texts as the heads of their tasks take. */
final class TextCounts {
    private TextCounts() {}

    /**
     * Checks data against a model.
     *
     * @throws ConfigurationException if a head of one text gets several, or the other way round
     */
    static void require(MultiTaskModel model, List<DataGroup> groups) {
        for (var group : groups) {
            int texts = group.examples().getFirst().texts().size();
            for (var name : group.tasks()) {
                var task = model.task(name);
                boolean several = task.head().input() == HeadInput.SENTENCES;
                if (several != texts > 1) {
                    throw new ConfigurationException(
                            "tasks."
                                    + name
                                    + ": head '"
                                    + task.type()
                                    + (several
                                            ? "' takes several texts of a row, data.text_columns:"
                                                    + " [FIRST, SECOND] names them"
                                            : "' takes one text, and data.text_columns names "
                                                    + texts));
                }
            }
        }
    }
}
