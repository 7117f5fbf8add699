package dev.mtl.train.loop;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.TextCount;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.data.DataGroup;

import java.util.List;

/** Whether examples have as many texts as the heads of their tasks take. */
final class TextCounts {
    private TextCounts() {}

    /**
     * Checks data against a model.
     *
     * @throws ConfigurationException if a head gets another number of texts than it takes
     */
    static void require(MultiTaskModel model, List<DataGroup> groups) {
        for (var group : groups) {
            int texts = group.examples().getFirst().texts().size();
            for (var name : group.tasks()) {
                var task = model.task(name);
                var takes = task.head().textCount();
                if (!takes.allows(texts)) {
                    throw new ConfigurationException(
                            "tasks.%s: head '%s' takes %s of a row, and its data has %d: %s"
                                    .formatted(name, task.type(), takes, texts, advice(takes)));
                }
            }
        }
    }

    private static String advice(TextCount takes) {
        return takes.most() == 1
                ? "name it by data.text_column instead of text_columns"
                : "name them by data.text_columns: [FIRST, SECOND"
                        + ", ...".repeat(takes.most() > 2 ? 1 : 0)
                        + "]";
    }
}
