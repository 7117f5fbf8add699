package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.TextArity;
import dev.mtl.core.model.Task;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Checks that examples have as many texts as the heads of their tasks take. */
final class ArityCheck {
    private ArityCheck() {}

    /**
     * Checks a dataset against the heads of its tasks.
     *
     * @param texts of each example
     * @throws ConfigurationException if a head takes another number of texts
     */
    static void require(Map<String, Task> tasks, List<String> names, int texts) {
        for (var name : names) {
            problem(Objects.requireNonNull(tasks.get(name), name), texts)
                    .ifPresent(
                            problem -> {
                                throw new ConfigurationException(problem);
                            });
        }
    }

    /** The message for a head that takes another number of texts than its data has. */
    static Optional<String> problem(Task task, int texts) {
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
