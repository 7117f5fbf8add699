package dev.mtl.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.console.Results;
import dev.mtl.core.MtlException;
import dev.mtl.train.settings.DataSettings.OnBadRow;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** JSON lines that are predicted on are read as those that are trained on. */
class ExampleLinesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private List<List<String>> read(byte[] bytes, OnBadRow onBadRow, String... fields)
            throws IOException {
        var console =
                new Console(
                        InputStream.nullInputStream(),
                        new Results(OutputStream.nullOutputStream()),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of());
        var lines =
                new ExampleLines(
                        new ByteArrayInputStream(bytes),
                        "in",
                        List.of(fields),
                        onBadRow,
                        new Progress(console));
        var examples = new ArrayList<List<String>>();
        while (lines.advance()) {
            var example = lines.example();
            if (example != null) {
                examples.add(example);
            }
        }
        lines.reportSkipped();
        return examples;
    }

    private List<List<String>> read(String text, OnBadRow onBadRow) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8), onBadRow, "text");
    }

    private void rejects(String line, String message) {
        assertThatThrownBy(() -> read("{\"text\":\"a\"}\n" + line + "\n", OnBadRow.FAIL))
                .isInstanceOf(MtlException.class)
                .hasMessageStartingWith("in:2: " + message)
                .hasMessageEndingWith(" (to skip such lines: --on-bad-row skip)");
    }

    @Test
    void rejectsALineThatIsNotExactlyOneJsonObject() {
        rejects(
                "{\"text\":\"a\"} {\"text\":\"b\"}",
                "is not JSON at column 14: text after the end of the object");
        rejects("{\"text\":\"a\",\"text\":\"b\"}", "is not JSON at column ");
        rejects("{\"text\":", "is not JSON at column ");
        rejects("[\"a\"]", "is not a JSON object");
        rejects("{\"text\":1}", "has no text in the field 'text'; --text-field names another");
        rejects("{}", "has no text in the field 'text'");
    }

    @Test
    void blankJsonLinesAreSkipped() throws IOException {
        assertThat(read("\n{\"text\":\"a\"}\n \t\r\n\uFEFF{\"text\":\"\"}\n\n", OnBadRow.FAIL))
                .containsExactly(List.of("a"), List.of(""));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void readsAStringOfMillionsOfCharacters() throws IOException {
        var text = "x".repeat(21_000_000);

        assertThat(read("{\"text\":\"" + text + "\"}\n", OnBadRow.FAIL))
                .singleElement()
                .isEqualTo(List.of(text));
    }

    @Test
    void skipsMalformedLinesOnRequest() throws IOException {
        var text = "nonsense\n{\"text\":\"a\"}\n{}\n{\"text\":\"\u00e9\"}\n{\"text\":\"b\"}\n";

        assertThat(read(text.getBytes(StandardCharsets.ISO_8859_1), OnBadRow.SKIP, "text"))
                .containsExactly(List.of("a"), List.of("b"));

        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("mtl: skipped: in:1: is not JSON"),
                        line -> assertThat(line).startsWith("mtl: skipped: in:3: has no text"),
                        line -> assertThat(line).startsWith("mtl: skipped: in:4: is not UTF-8"),
                        line -> assertThat(line).isEqualTo("mtl: in: 3 of 5 lines skipped"));
    }

    @Test
    void aBlankLineOfPlainTextIsAnEmptyText() throws IOException {
        assertThat(read("a\n\n{\n".getBytes(StandardCharsets.UTF_8), OnBadRow.FAIL))
                .containsExactly(List.of("a"), List.of(""), List.of("{"));
    }
}
