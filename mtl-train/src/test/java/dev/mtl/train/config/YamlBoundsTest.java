package dev.mtl.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.YamlNode;
import dev.mtl.train.config.yaml.YamlReader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** YAML that means harm is refused by its line, soon, and without much memory. */
@Timeout(20)
class YamlBoundsTest {
    @TempDir private Path folder;

    private static YamlNode read(String text) {
        return new YamlReader(Map.of(), new Problems()).readFile("x.yaml", text);
    }

    private static void rejects(String text, String reason) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("x.yaml")
                .hasMessageContaining(reason);
    }

    /** Each line lists the line before it ten times: ten lines would make ten billion values. */
    @Test
    void aliasesOfAliasesAreBounded() {
        var text = new StringBuilder("a0: &a0 [lol]\n");
        for (var i = 1; i < 10; i++) {
            text.append(
                    "a%d: &a%d [%s*a%d]\n"
                            .formatted(i, i, "*a%d,".formatted(i - 1).repeat(9), i - 1));
        }
        rejects(text.toString(), "aliases");
    }

    /** Two of each: fewer than the aliases that SnakeYAML allows, and yet a million values. */
    @Test
    void aFewAliasesThatDoubleEachTimeAreBounded() {
        var text = new StringBuilder("a0: &a0 [lol]\n");
        for (var i = 1; i <= 20; i++) {
            text.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        rejects(text.toString(), "its aliases make more than");
    }

    @Test
    void aLongTextIsNotTakenAThousandTimes() {
        rejects(
                "a: &a " + "x".repeat(500_000) + "\nb: [" + "*a, ".repeat(1000) + "*a]\n",
                "its aliases make more than");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: !!java.net.URL [\"http://localhost/\"]",
                "a: !!java.net.URL {b: c}",
                "a: !!javax.script.ScriptEngineManager []",
                "!!java.net.URL [x]",
                "a: !!java.io.File x",
                "a: !local x",
                "a: !!binary aGVsbG8=",
                "a: !!set {b}",
                "a: !<tag:example.com,2000:x> {}",
                "a: [1, {b: !!java.lang.Object x}]"
            })
    void aTypeIsNeitherMadeNorPassedOver(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("x.yaml:1")
                .message()
                .containsAnyOf("Global tag is not allowed", "is not supported; leave it out");
    }

    @Test
    void theTypesThatEveryYamlHasMayBeSaid() {
        assertThat(read("a: !!map {b: !!seq [!!str x, 2024-01-01, 1, 2.5, yes, ~, =, <<]}"))
                .isInstanceOf(YamlNode.Mapping.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "[[", "{? ", "a: [ "})
    void tenThousandLevelsAreRefused(String open) {
        rejects(open.repeat(10_000), "x.yaml");
    }

    @Test
    void indentedLevelsAreRefused() {
        var text = new StringBuilder();
        for (var i = 0; i < 1000; i++) {
            text.append(" ".repeat(i)).append("a:\n");
        }
        rejects(text.toString(), "is not YAML: Nesting Depth exceeded");
    }

    @Test
    void aTextOfFiftyMegabytesIsRefusedBeforeItIsParsed() {
        rejects("a: " + "x".repeat(50_000_000), "has more than 1048576 characters");
        rejects("a: \"" + "\\n".repeat(25_000_000) + "\"", "has more than 1048576 characters");
    }

    /** A sparse file, which would not fit the memory. */
    @Test
    void aFileOfManyGigabytesIsNotReadToItsEnd() throws IOException {
        var path = folder.resolve("large.yaml");
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(20_000_000_000L);
        }
        assertThatThrownBy(() -> ConfigLoader.load(path, Map.of(), List.of(), HeadRegistry.load()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(path + ": has more than 4194304 bytes");
    }

    @Test
    void aKeyOfAMillionCharactersIsNamedByItsLine() {
        var problems = new Problems();
        var text = "b: 1\n? " + "k".repeat(1_000_000) + "\n: 2\n";
        new YamlReader(Map.of(), problems).readFile("x.yaml", text);

        assertThatThrownBy(problems::throwIfAny)
                .hasMessage("x.yaml:2: a key has more than 200 characters");
    }

    /** Each would take a careless expression hours: from every place to the end and back. */
    @ParameterizedTest
    @ValueSource(strings = {"${A:-", "${A", "9", "${", "1e"})
    void aValueThatLooksLikeManyThingsIsReadAtOnce(String piece) {
        var value = piece.repeat(1_000_000 / piece.length()) + "x";
        assertThat(read("a: '" + value + "'")).isInstanceOf(YamlNode.Mapping.class);
        var plain = new YamlReader(Map.of(), new Problems()).readFile("x.yaml", "- " + value);
        assertThat(plain).isEqualTo(new YamlNode.Sequence("x.yaml:1", List.of(scalar(value))));
    }

    private static YamlNode scalar(String value) {
        return new YamlNode.Scalar("x.yaml:1", value);
    }

    @Test
    void whatFollowsTheLastBraceOfAValueStays() {
        var reader = new YamlReader(Map.of("A", "1"), new Problems());
        assertThat(reader.readFile("x.yaml", "- '${A}${B:-2}} ${A and more'"))
                .isEqualTo(new YamlNode.Sequence("x.yaml:1", List.of(scalar("12} ${A and more"))));
    }
}
