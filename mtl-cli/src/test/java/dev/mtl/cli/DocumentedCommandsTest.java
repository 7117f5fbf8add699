package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pages of the documentation and the command line have the same commands and options. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> COMMANDS =
            List.of(
                    "embed",
                    "init",
                    "train",
                    "evaluate",
                    "predict",
                    "serve",
                    "export",
                    "data check",
                    "data mine",
                    "retrieval",
                    "models list",
                    "models pull",
                    "models verify",
                    "models prune",
                    "runs",
                    "tune",
                    "heads",
                    "doctor");
    private static final Pattern SHELL =
            Pattern.compile("^```sh\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern CALL = Pattern.compile("(?:^|\\s)\\./mtl ([^&|>]*)");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

    @TempDir private Path cache;

    @Test
    void theCommandLinePageDescribesEveryOption() throws IOException {
        var page = Files.readString(ROOT.resolve("docs/cli.md"));
        for (var command : COMMANDS) {
            var described = section(page, "What all commands share");
            described += section(page, command.startsWith("models") ? "models" : command);
            assertThat(options(described)).as(command).containsAll(optionsOf(command));
        }
    }

    @Test
    void everyCommandOfTheDocumentationExistsWithItsOptions() throws IOException {
        var calls = new ArrayList<String>();
        for (var page : pages()) {
            var text = Files.readString(page).replace("\\\n", " ");
            SHELL.matcher(text)
                    .results()
                    .flatMap(block -> block.group(1).lines())
                    .flatMap(line -> CALL.matcher(line).results())
                    .forEach(call -> calls.add(call.group(1)));
        }
        assertThat(calls).hasSizeGreaterThan(15);
        for (var call : calls) {
            var command = COMMANDS.stream().filter(name -> (call + " ").startsWith(name + " "));
            assertThat(command.findFirst())
                    .as(call)
                    .hasValueSatisfying(
                            name -> assertThat(optionsOf(name)).containsAll(options(call)));
        }
    }

    private static List<Path> pages() throws IOException {
        try (var files = Files.list(ROOT.resolve("docs"))) {
            var pages = files.filter(file -> file.toString().endsWith(".md")).sorted();
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), pages).toList();
        }
    }

    /** What {@code --help} of a command lists. */
    private Set<String> optionsOf(String command) {
        var args = new ArrayList<>(List.of(command.split(" ")));
        args.add("--help");
        var help = Call.mtl(cache, args.toArray(String[]::new));
        assertThat(help.code()).as(help.err()).isZero();
        var listed = help.out().lines().filter(line -> line.matches(" {2}.{0,4} ?--[a-z].*"));
        var options = options(listed.collect(Collectors.joining("\n")));
        options.removeAll(Set.of("--help", "--version"));
        return options;
    }

    private static Set<String> options(String text) {
        return OPTION.matcher(text)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String section(String page, String title) {
        int begin = page.indexOf("\n## " + title + "\n");
        assertThat(begin).as(title).isNotNegative();
        int end = page.indexOf("\n## ", begin + 1);
        return page.substring(begin, end < 0 ? page.length() : end);
    }
}
