package dev.mtl.train.loading;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.RowTargets;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * The examples that a Java program gives, as rows whose columns are tasks. They are checked as
 * those of a file are.
 *
 * @param name what messages call them
 * @param examples iterated once each time they are opened
 */
record MemoryFormat(String name, Iterable<Example> examples) implements DataFormat {
    /** Of one name there is one data set: without a look at its examples. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MemoryFormat(var same, var _) && same.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public Rows open(Path path, List<DataColumn> columns) {
        return new MemoryRows(name, examples.iterator(), columns);
    }

    private static final class MemoryRows implements Rows {
        private final String name;
        private final Iterator<Example> examples;
        private final List<DataColumn> columns;
        private int texts = -1;

        MemoryRows(String name, Iterator<Example> examples, List<DataColumn> columns) {
            this.name = name;
            this.examples = examples;
            this.columns = columns;
        }

        @Override
        public @Nullable RawRow next() {
            if (!examples.hasNext()) {
                return null;
            }
            var example = examples.next();
            texts = texts < 0 ? example.texts().size() : texts;
            return new MemoryRow(name, example, texts, columns);
        }

        @Override
        public void close() {}
    }

    /**
     * An example as a row.
     *
     * @param textCount how many texts the first example has
     */
    private record MemoryRow(
            String name, Example example, int textCount, List<DataColumn> columnsOfTasks)
            implements RawRow {
        @Override
        public Row row(int id) {
            var place = example.place().isEmpty() ? name + ":" + id : example.place();
            try {
                requireTexts();
            } catch (IllegalArgumentException e) {
                throw new BadRowException(place + ": " + e.getMessage());
            }
            var targets = new RowTargets();
            columnsOfTasks.forEach(
                    column -> targets.read(column, () -> target(example, column.name(), place)));
            return targets.row(id, place, example.texts());
        }

        private static Target target(Example example, String task, String place) {
            try {
                return target(example, task);
            } catch (IllegalArgumentException e) {
                throw new BadRowException(place + ": " + e.getMessage());
            }
        }

        private void requireTexts() {
            if (example.texts().size() != textCount) {
                throw new IllegalArgumentException(
                        "has %d texts, the first example has %d"
                                .formatted(example.texts().size(), textCount));
            }
            if (example.texts().stream().map(PreTokenizedText::words).anyMatch(List::isEmpty)) {
                throw new IllegalArgumentException("has no text");
            }
        }

        private static Target target(Example example, String task) {
            var target = example.targets().get(task);
            if (target == null) {
                throw new IllegalArgumentException(
                        "has no target for the task '%s', only for %s"
                                .formatted(
                                        task,
                                        example.targets().keySet().stream().sorted().toList()));
            }
            var problem =
                    switch (target) {
                        case Target.Category(var label) when label.isBlank() -> "has no label";
                        case Target.Labels(var labels)
                                when labels.stream().anyMatch(String::isBlank) ->
                                "has an empty label";
                        case Target.Values(var values) when values.isEmpty() -> "has no number";
                        case Target.Values(var values)
                                when !values.stream().allMatch(Double::isFinite) ->
                                "takes finite numbers, not " + values;
                        case Target.Tags(var tags) when tags.size() != example.words().size() ->
                                "has %d tags for %d words"
                                        .formatted(tags.size(), example.words().size());
                        case Target.Answers(var answers)
                                when !answers.stream()
                                        .allMatch(
                                                answer ->
                                                        example.texts()
                                                                .getLast()
                                                                .text()
                                                                .startsWith(
                                                                        answer.text(),
                                                                        answer.start())) ->
                                "has an answer that is not in the text, of " + answers;
                        case Target.Relations(var relations)
                                when !relations.stream()
                                        .allMatch(
                                                relation ->
                                                        isIn(example, relation.first())
                                                                && isIn(
                                                                        example,
                                                                        relation.second())) ->
                                "has a span that is not in the text, of " + relations;
                        default -> "";
                    };
            if (!problem.isEmpty()) {
                throw new IllegalArgumentException("task '" + task + "' " + problem);
            }
            return target;
        }

        private static boolean isIn(Example example, Target.Relations.Span span) {
            return 0 <= span.start()
                    && span.start() < span.end()
                    && span.end() <= example.texts().getFirst().text().length();
        }
    }
}
