package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.data.FormatProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.HeadRegistry.Extensions;
import dev.mtl.core.head.HeadRegistry.FoundFormat;
import dev.mtl.core.head.Target;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Data of formats that are provided. */
class ProvidedFormatTest {
    @TempDir private Path folder;

    /**
     * A format whose rows are lines, of which each test says the fields.
     *
     * @param name of the format
     * @param rows by the lines of a file
     */
    private record Lines(String name, Map<String, Map<String, @Nullable Object>> rows)
            implements FormatProvider<Lines.Settings> {
        /**
         * Settings.
         *
         * @param prefix of the lines that are rows
         */
        record Settings(String prefix) {
            Settings {
                if (prefix.isEmpty()) {
                    throw new IllegalArgumentException("prefix is empty");
                }
            }
        }

        @Override
        public Settings defaults() {
            return new Settings("row");
        }

        @Override
        public Rows open(Settings settings, Path file) throws IOException {
            var lines = Files.readAllLines(file);
            if (lines.isEmpty()) {
                throw new IllegalArgumentException("has no line");
            }
            return new LineRows(lines.iterator(), settings.prefix());
        }

        private final class LineRows implements Rows {
            private final Iterator<String> lines;
            private final String prefix;
            private int number;

            LineRows(Iterator<String> lines, String prefix) {
                this.lines = lines;
                this.prefix = prefix;
            }

            @Override
            public @Nullable Row next() throws IOException {
                while (lines.hasNext()) {
                    var line = lines.next();
                    number++;
                    if (line.equals("broken")) {
                        throw new IOException("the disk is gone");
                    }
                    if (line.startsWith(prefix)) {
                        return new LineRow(number, line);
                    }
                }
                return null;
            }

            @Override
            public void close() {}
        }

        private final class LineRow implements Row {
            private final int number;
            private final String line;

            LineRow(int number, String line) {
                this.number = number;
                this.line = line;
            }

            @Override
            public int number() {
                return number;
            }

            @Override
            public Map<String, @Nullable Object> fields() {
                var fields = rows.get(line);
                if (fields == null) {
                    throw new IllegalArgumentException("'" + line + "' is no row");
                }
                return fields;
            }
        }
    }

    private static Map<String, @Nullable Object> row(@Nullable Object... fields) {
        var row = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < fields.length; i += 2) {
            row.put(String.valueOf(fields[i]), fields[i + 1]);
        }
        return row;
    }

    private static HeadRegistry registry(FormatProvider<?> format) {
        return HeadRegistry.load()
                .with(
                        new Extensions(
                                List.of(),
                                List.of(new FoundFormat(format.name(), format, "a.jar"))));
    }

    private RunConfig config(FormatProvider<?> format, String keys) throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("config.yaml"),
                        "tasks: {task: {head: majority, data: {format: %s, %s}}}\n"
                                .formatted(format.name(), keys));
        return ConfigLoader.load(file, Map.of(), List.of(), registry(format));
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    private List<Example> read(
            Map<String, Map<String, @Nullable Object>> rows, String lines, String keys)
            throws IOException {
        var file = file("data", lines.split(" "));
        return DatasetReader.read(
                        config(new Lines("lines", rows), "train: \"" + file + "\"" + keys)
                                .tasks()
                                .values(),
                        Split.TRAIN)
                .getFirst()
                .examples();
    }

    private static Target target(Example example) {
        return example.targets().values().iterator().next();
    }

    @Test
    void fieldsMeanWhatTheyMeanInJsonLines() throws IOException {
        var rows = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        rows.put("row1", row("text", "Anna is here", "label", "a", "stars", 3, "on", true));
        rows.put("row2", row("text", "so is Bob", "label", null, "stars", 2.5));
        rows.put(
                "entities",
                row(
                        "text",
                        "Anna is here",
                        "label",
                        List.of(Map.of("start", 0, "end", 4, "label", "name"))));

        assertThat(read(rows, "row1 other", "").getFirst())
                .satisfies(
                        example -> {
                            assertThat(example.place()).endsWith("data:1");
                            assertThat(target(example)).isEqualTo(new Target.Category("a"));
                        });
        assertThat(read(rows, "row1 row2", ", column: stars"))
                .extracting(ProvidedFormatTest::target)
                .containsExactly(new Target.Values(List.of(3.0)), new Target.Values(List.of(2.5)));
        assertThat(target(read(rows, "entities", ", prefix: entities").getFirst()))
                .isEqualTo(new Target.Tags(List.of("B-name", "O", "O")));
    }

    @Test
    void theTrainingDataShowsTheKindOfAFileThatDoesNot() throws IOException {
        var rows = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        rows.put(
                "row1",
                row(
                        "text",
                        "Anna is",
                        "label",
                        List.of(Map.of("start", 0, "end", 4, "label", "x"))));
        rows.put("row2", row("text", "so am I", "label", List.of()));
        var train = file("train", "row2", "row1");
        var validation = file("validation", "row2");
        var tasks =
                config(
                                new Lines("lines", rows),
                                "train: \"%s\", validation: \"%s\"".formatted(train, validation))
                        .tasks()
                        .values();

        assertThat(
                        target(
                                DatasetReader.read(tasks, Split.VALIDATION)
                                        .getFirst()
                                        .examples()
                                        .getFirst()))
                .isEqualTo(new Target.Tags(List.of("O", "O", "O")));
    }

    @Test
    void aRowThatCannotBeReadIsABadRow() throws IOException {
        var rows = Map.of("row1", row("text", "a b", "label", "x"));

        assertThatThrownBy(() -> read(rows, "row1 row2", ""))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("data:2: 'row2' is no row");
        assertThat(read(rows, "row1 row2", ", on_bad_row: skip")).hasSize(1);
    }

    @Test
    void aFileThatCannotBeReadIsAnErrorWithItsName() throws IOException {
        var rows = Map.of("row1", row("text", "a b", "label", "x"));

        assertThatThrownBy(() -> read(rows, "row1 broken", ", kind: label"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("data: cannot be read: the disk is gone");
        assertThatThrownBy(() -> read(rows, "other", ", kind: label"))
                .isInstanceOf(MtlException.class)
                .hasMessageEndingWith("data: has no row");
        Files.writeString(folder.resolve("empty"), "");
        assertThatThrownBy(
                        () ->
                                DatasetReader.read(
                                        config(
                                                        new Lines("lines", rows),
                                                        "train: \"" + folder + "/empty\"")
                                                .tasks()
                                                .values(),
                                        Split.TRAIN))
                .isInstanceOf(MtlException.class)
                .hasMessageEndingWith("empty: has no line");
        assertThatThrownBy(
                        () ->
                                DatasetReader.read(
                                        config(
                                                        new Lines("lines", rows),
                                                        "train: \"" + folder + "/missing\"")
                                                .tasks()
                                                .values(),
                                        Split.TRAIN))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageEndingWith("missing: no such file");
    }

    @Test
    void aValueThatIsNoFieldNamesTheFormatsClass() {
        var rows = Map.of("row1", row("text", "a b", "label", new Date(0)));

        assertThatThrownBy(() -> read(rows, "row1", ", kind: label"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(
                        Lines.class.getName() + " gives a java.util.Date; fields are");
    }

    @Test
    void itsSettingsArePrintedAndReadBack() throws IOException {
        var format = new Lines("lines", Map.of());
        var config = config(format, "train: x, prefix: line, span_end: inclusive");
        var printed = ConfigPrinter.print(config);

        assertThat(printed).contains("prefix: \"line\"", "span_end: \"inclusive\"");
        var again = Files.writeString(folder.resolve("again.yaml"), printed);
        assertThat(ConfigLoader.load(again, Map.of(), List.of(), registry(format)))
                .isEqualTo(config);
    }

    @Test
    void mistakesOfItsSettingsAreMistakesOfTheConfiguration() {
        var format = new Lines("lines", Map.of());

        assertThatThrownBy(() -> config(format, "train: x, prefix: \"\""))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("config.yaml:1: tasks.task.data: prefix is empty");
        assertThatThrownBy(() -> config(format, "train: x, header: true"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the format lines has no key header");
    }

    @Test
    void aNameThatMtlHasItselfIsRefused() {
        assertThatThrownBy(() -> config(new Lines("csv", Map.of()), "train: x"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "two data formats are named 'csv': MTL's own and %s from a.jar"
                                .formatted(Lines.class.getName()));
    }

    @Test
    void twoOfOneNameAreRefused() {
        var one = new FoundFormat("lines", new Lines("lines", Map.of()), "a.jar");
        var other = new FoundFormat("lines", new Lines("lines", Map.of()), "b.jar");

        assertThatThrownBy(
                        () ->
                                HeadRegistry.load()
                                        .with(new Extensions(List.of(), List.of(one, other))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("two data formats are named 'lines'")
                .hasMessageContaining("from a.jar and")
                .hasMessageContaining("from b.jar");
    }
}
