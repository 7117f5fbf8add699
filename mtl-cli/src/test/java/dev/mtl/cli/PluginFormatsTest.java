package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Plugins with data formats, and what may be wrong with them. */
class PluginFormatsTest extends PluginCalls {
    private static final String SERVICE = "META-INF/services/dev.mtl.core.data.FormatProvider";
    private static final String FORMAT =
            """
            package org.example;

            import dev.mtl.core.data.FormatProvider;
            import java.nio.file.Path;
            import java.util.Iterator;
            import java.util.List;
            import java.util.Map;

            public final class Format implements FormatProvider<Format.Settings> {
                public record Settings() {}
                @Override public String name() { return "mine"; }
                @Override public Settings defaults() { return new Settings(); }
                @Override public Rows open(Settings settings, Path file) {
                    var rows = List.of(Map.of("text", "a text", "label", "a")).iterator();
                    return new Rows() {
                        @Override public Row next() { return rows.hasNext() ? row(rows.next()) : null; }
                        @Override public void close() {}
                    };
                }
                private static Row row(Map<String, String> fields) {
                    return new Row() {
                        @Override public int number() { return 1; }
                        @Override public Map<String, String> fields() { return fields; }
                    };
                }
            }
            """;

    /** A jar with a format and no head, with other text in the place of some of its own. */
    private Path format(String name, String... changes) throws IOException {
        var source = FORMAT;
        for (int i = 0; i < changes.length; i += 2) {
            assertThat(source).contains(changes[i]);
            source = source.replace(changes[i], changes[i + 1]);
        }
        return jar(name, source);
    }

    private Path jar(String name, String source) throws IOException {
        var classes = Files.createDirectories(folder.resolve(name + "-classes"));
        var file = Files.createDirectories(folder.resolve(name)).resolve("Format.java");
        PluginJar.compile(List.of(Files.writeString(file, source)), PluginJar.classPath(), classes);
        var service = classes.resolve(SERVICE);
        Files.createDirectories(service.getParent());
        Files.writeString(service, "org.example.Format\n");
        return PluginJar.jar(folder.resolve(name + ".jar"), classes);
    }

    private Call check(Path plugin) throws IOException {
        return check(plugin, "mine");
    }

    private Call check(Path plugin, String format) throws IOException {
        var data = Files.writeString(folder.resolve("data"), "anything");
        var config =
                Files.writeString(
                        folder.resolve("config.yaml"),
                        """
                        model: {backbone: "%s", max_length: 32}
                        tasks: {task: {head: classification, data: {format: %s, train: "%s"}}}
                        """
                                .formatted(ToyTask.backbone(folder), format, data));
        return Call.mtl(
                folder.resolve("cache"),
                "data",
                "check",
                config.toString(),
                "--plugins",
                plugin.toString());
    }

    @Test
    void aPluginNeedsNoHead() throws IOException {
        var plugin = format("whole");

        assertThat(heads(plugin).out()).contains("format: mine", "org.example.Format");
        var call = check(plugin);
        assertThat(call.out()).as(call.err()).contains("task, train: 1 rows of");
    }

    @Test
    void aSettingThatIsNamedLikeAKeyOfAllData() throws IOException {
        assertRefused(
                format(
                        "taken",
                        "Settings() {}",
                        "Settings(String textColumn) {}",
                        "new Settings()",
                        "new Settings(\"\")"),
                "org.example.Format: the setting textColumn of org.example.Format$Settings can"
                        + " never be set: 'text_column' is a key that the data of every task has");
    }

    @Test
    void aClassThatIsNoFormat() throws IOException {
        assertRefused(
                jar("other", "package org.example; public final class Format {}"),
                "org.example.Format: does not implement dev.mtl.core.data.FormatProvider");
    }

    @Test
    void aFormatThatMtlHasItself() throws IOException {
        var plugin = format("named", "\"mine\"", "\"jsonl\"");

        assertMistake(
                check(plugin, "jsonl"),
                "two data formats are named 'jsonl': MTL's own and org.example.Format from "
                        + plugin);
    }

    @Test
    void whatItThrowsIsSaidWithItsJar() throws IOException {
        var plugin =
                format("thrown", "return fields;", "throw new IllegalStateException(\"no luck\");");

        assertOneLine(
                check(plugin),
                1,
                "mtl: plugin " + plugin + ": org.example.Format",
                "throws java.lang.IllegalStateException: no luck");
    }
}
