package dev.mtl.train.data;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.TextArity;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;

import java.util.List;
import java.util.Optional;

/** Whether examples have as many texts as the heads of their tasks take. */
public final class ArityCheck {
    private ArityCheck() {}

    /**
     * Checks data against a model.
     *
     * @throws ConfigurationException if a head gets another number of texts than it takes
     */
    public static void require(MultiTaskModel model, List<Dataset> groups) {
        for (var group : groups) {
            for (var name : group.tasks()) {
                problem(model.task(name), group)
                        .ifPresent(
                                problem -> {
                                    throw new ConfigurationException(problem);
                                });
            }
        }
    }

    /** What is wrong with the number of texts that a task's head is given. */
    static Optional<String> problem(Task task, Dataset group) {
        int texts = group.examples().getFirst().texts().size();
        var takes = task.head().textArity();
        return takes.allows(texts)
                ? Optional.empty()
                : Optional.of(
                        "tasks.%s: head '%s' takes %s of a row, and its data has %d: %s"
                                .formatted(task.name(), task.type(), takes, texts, advice(takes)));
    }

    private static String advice(TextArity takes) {
        return takes.most() == 1
                ? "name it by data.text_column instead of text_columns"
                : "name them by data.text_columns: [FIRST, SECOND"
                        + ", ...".repeat(takes.most() > 2 ? 1 : 0)
                        + "]";
    }
}
