package dev.mtl.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

class RunIdentityTest {
    private static RunIdentity of(String config, PreTokenizedText text) {
        var example = new Example(1, List.of(text), Map.of("t", new Target.Category("x")));
        return RunIdentity.of(
                config, List.of(new Dataset("d", List.of("t"), List.of(example))), List.of());
    }

    private static RunIdentity of(String config) {
        return of(config, PreTokenizedText.of("a b"));
    }

    @Test
    void keysOfOtherFormatsThatEarlierVersionsWroteDoNotCount() {
        var before =
                of(
                        """
                        format: jointbert
                        column: "label"
                        text_column: null  # null: the format says it
                        text_columns: []
                        separator: null
                        columns: []
                        comment: null
                        label_separator: null
                        kind: null
                        """);
        assertThatCode(() -> of("format: jointbert\ncolumn: \"label\"\n").requireSame(before, "c"))
                .doesNotThrowAnyException();
    }

    @Test
    void aSeparatorThatChangesCounts() {
        var before = of("separator: null\n");
        assertThatThrownBy(() -> of("separator: \";\"\n").requireSame(before, "c"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("now [separator: \";\"]");
    }

    /** So that its checkpoints can be resumed. */
    @Test
    void theChecksumOfDataThatComesInWordsIsThatOfEarlierVersions() {
        var crc = new CRC32C();
        crc.update("[[a, b]] {t=Category[label=x]}".getBytes(StandardCharsets.UTF_8));
        var expected = Long.toHexString(crc.getValue());

        assertThat(of("", PreTokenizedText.ofWords(List.of("a", "b"))).data()).isEqualTo(expected);
        assertThat(of("", PreTokenizedText.of("a b")).data()).isEqualTo(expected);
    }

    @Test
    void textsThatDifferInWhiteSpaceAreOtherData() {
        assertThat(of("", PreTokenizedText.of("a  b")).data())
                .isNotEqualTo(of("", PreTokenizedText.of("a b")).data());
        assertThat(of("", PreTokenizedText.of("a b.")).data())
                .isNotEqualTo(of("", PreTokenizedText.of("a b .")).data());
    }
}
