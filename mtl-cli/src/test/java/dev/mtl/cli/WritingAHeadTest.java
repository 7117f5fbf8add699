package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.plugin.HeadPlugins;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code docs/writing-a-head.md} shows the example's own code. */
class WritingAHeadTest {
    private static final Path DOCS = Path.of("..", "docs").toAbsolutePath().normalize();
    private static final Pattern BLOCK =
            Pattern.compile(
                    "^```(java|xml|yaml|text)\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void everyExcerptIsInAFileOfTheExample() throws IOException {
        var files = new ArrayList<String>();
        for (var file : PluginJar.files(DOCS.resolve("example-head"), "")) {
            if (!file.startsWith(DOCS.resolve("example-head/target"))) {
                files.add(withoutIndents(Files.readString(file)));
            }
        }
        var excerpts =
                BLOCK.matcher(Files.readString(DOCS.resolve("writing-a-head.md")))
                        .results()
                        .map(found -> withoutIndents(found.group(2)))
                        .toList();

        assertThat(excerpts).hasSizeGreaterThan(7);
        assertThat(excerpts)
                .allSatisfy(
                        excerpt ->
                                assertThat(files)
                                        .as(excerpt)
                                        .anyMatch(file -> file.contains(excerpt)));
    }

    /** An excerpt may stand further left than its code, and is whole lines otherwise. */
    private static String withoutIndents(String text) {
        return "\n"
                + text.lines().map(String::strip).collect(Collectors.joining("\n")).strip()
                + "\n";
    }

    @Test
    void saysWhatPluginsSee() throws IOException {
        var text = Files.readString(DOCS.resolve("writing-a-head.md"));

        for (var shown : HeadPlugins.PUBLIC_API) {
            assertThat(text).contains("`" + shown + "`");
        }
    }
}
