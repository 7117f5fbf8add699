package dev.mtl.cli.init;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.train.format.fields.SquadReader;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Questions with answers in texts: SQuAD's files, or rows that have the same fields. */
final class Questions {
    private Questions() {}

    /** The task of a JSON file of SQuAD; empty if it is another file. */
    static Optional<Draft.Task> squad(Path file) {
        try (var _ = new SquadReader().open(file, SquadReader.TEXTS, List.of())) {
            return Optional.of(task(List.of("format: squad")));
        } catch (MtlException e) {
            return Optional.empty();
        }
    }

    /**
     * The task of rows with answers; empty if they have none.
     *
     * @param names of their fields
     * @param texts those that are texts, the longest of which has the answers
     * @param longest of these
     * @param format of their file
     */
    static Optional<Draft.Task> of(
            List<ObjectNode> rows,
            List<String> names,
            List<String> texts,
            String longest,
            String format) {
        var others = texts.stream().filter(text -> !text.equals(longest)).toList();
        var question = names.contains("question") ? List.of("question") : others;
        return question.size() == 1
                ? names.stream()
                        .filter(name -> rows.stream().anyMatch(row -> hasAnswers(row, name)))
                        .findFirst()
                        .map(
                                answers ->
                                        task(
                                                List.of(
                                                        "format: " + format,
                                                        "text_columns: [%s, %s]"
                                                                .formatted(
                                                                        Yaml.string(
                                                                                question
                                                                                        .getFirst()),
                                                                        Yaml.string(longest)),
                                                        "column: " + Yaml.string(answers))))
                : Optional.empty();
    }

    private static boolean hasAnswers(ObjectNode row, String name) {
        var value = row.path(name);
        var answer = value.isArray() ? value.path(0) : value;
        return answer.has("text") && answer.has("answer_start");
    }

    private static Draft.Task task(List<String> keys) {
        return new Draft.Task("answers", "span-extraction", keys, "answers to questions");
    }
}
