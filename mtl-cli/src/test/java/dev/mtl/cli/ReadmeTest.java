package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.store.StoreSettings;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import javax.tools.ToolProvider;

/**
 * What README.md shows works. Its main command and its test command are run by .ci/run, the two
 * with a plugin by {@link ExampleHeadTest}.
 */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");

    @TempDir private Path folder;

    /** The fenced blocks of a language. */
    private static List<String> blocks(String language) throws IOException {
        var fence = Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL);
        return fence.matcher(Files.readString(README)).results().map(m -> m.group(1)).toList();
    }

    @Test
    void theJavaCompiles() throws IOException {
        var blocks = blocks("java");
        assertThat(blocks).hasSize(1);
        var source =
                Files.writeString(
                        folder.resolve("Abbreviated.java"),
                        """
                        import dev.mtl.core.encoder.*;
                        import dev.mtl.core.store.*;
                        import java.util.List;
                        class Abbreviated {
                            void shown() throws Exception {
                        %s
                            }
                        }
                        """
                                .formatted(blocks.getFirst()));
        var compiler = ToolProvider.getSystemJavaCompiler();
        var said = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var task =
                    compiler.getTask(
                            said,
                            files,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    "-d",
                                    folder.toString()),
                            null,
                            files.getJavaFileObjects(source));
            assertThat(task.call()).as(said.toString()).isTrue();
        }
    }

    @Test
    @Tag("real")
    void theEmbeddingCommandGivesAnEmbedding() throws IOException {
        var command =
                blocks("sh").stream()
                        .flatMap(String::lines)
                        .filter(line -> line.startsWith("./mtl embed"))
                        .toList();
        assertThat(command).hasSize(1);
        var args =
                Pattern.compile("\"([^\"]*)\"|(\\S+)")
                        .matcher(command.getFirst())
                        .results()
                        .map(m -> m.group(1) == null ? m.group(2) : m.group(1))
                        .skip(1);
        var call = Call.mtl(StoreSettings.standard().cache(), args.toArray(String[]::new));
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("embedding")).hasSize(384);
    }

    /**
     * Every command of the page is run: by .ci/run, by this test, by {@link ServeCommandTest} or by
     * {@link ExampleHeadTest}.
     */
    @Test
    void hasNoCommandThatNothingRuns() throws IOException {
        var rest =
                Pattern.compile("<!-- \\w+ command -->\\n```sh\\n.*?```", Pattern.DOTALL)
                        .matcher(Files.readString(README))
                        .replaceAll("");
        var commands =
                Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL)
                        .matcher(rest)
                        .results()
                        .flatMap(block -> block.group(1).lines())
                        .toList();
        assertThat(commands)
                .isNotEmpty()
                .allMatch(
                        line ->
                                line.startsWith("./mtl embed ")
                                        || line.startsWith("./mtl serve ")
                                        || line.contains(" --plugins "));
    }
}
