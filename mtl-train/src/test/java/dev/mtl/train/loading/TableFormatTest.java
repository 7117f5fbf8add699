package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.testing.SharedFiles;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

class TableFormatTest {
    @TempDir private Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("x.csv"), text);
    }

    private Dataset read(String text, String more) throws IOException {
        return DataTasks.read(DataTasks.data("csv", write(text), more));
    }

    private static List<List<String>> words(Dataset dataset) {
        return dataset.examples().stream().map(Example::words).toList();
    }

    @Test
    void readsQuotesLineEndsCrlfAndAByteOrderMark() throws IOException {
        var dataset =
                read(
                        "\uFEFFtext,label\r\n"
                                + "plain text,a\r\n"
                                + "\"one, \"\"two\"\"\",b\r\n"
                                + "\"\r\nover\r\n\r\nlines\n\",\" c \"\r\n"
                                + "\r\n"
                                + "last,d",
                        "");
        assertThat(words(dataset))
                .containsExactly(
                        List.of("plain", "text"),
                        List.of("one", ",", "\"", "two", "\""),
                        List.of("over", "lines"),
                        List.of("last"));
        assertThat(DataTasks.target(dataset, 2, "t0")).isEqualTo(new Target.Category("c"));
        assertThat(dataset.examples()).extracting(Example::id).containsExactly(1, 2, 3, 4);
    }

    @Test
    void tabsAndOtherSeparators() throws IOException {
        var file = write("label\ttext\nx\ta, \"b\"\n");
        var tsv = DataTasks.read(DataTasks.data("tsv", file, ""));
        assertThat(words(tsv)).containsExactly(List.of("a", ",", "\"", "b", "\""));
        var semicolons = read("text;label\na, b;x\n", ", separator: \";\"");
        assertThat(words(semicolons)).containsExactly(List.of("a", ",", "b"));
    }

    @Test
    void aFileWithoutAHeaderIsGivenNames() throws IOException {
        var dataset = read("a,x\nb,y\n", ", columns: [text, label]");
        assertThat(dataset.examples()).hasSize(2);
        assertThat(DataTasks.target(dataset, 0, "t0")).isEqualTo(new Target.Category("x"));
    }

    @Test
    void readsSeveralLabelsAndNumbers() throws IOException {
        var text = "text,tags,score\nhello,x; y;,-1.5e0\nbye,,2;3\n";
        var file = write(text);
        var dataset =
                DataTasks.read(
                        DataTasks.data("csv", file, ", column: tags, label_separator: \";\""),
                        DataTasks.data(
                                "csv",
                                file,
                                ", column: score, kind: value, label_separator: \";\""),
                        DataTasks.data("csv", file, ", column: score"));
        assertThat(dataset.tasks()).hasSize(3);
        assertThat(DataTasks.target(dataset, 0, "t0"))
                .isEqualTo(new Target.Labels(List.of("x", "y")));
        assertThat(DataTasks.target(dataset, 1, "t0")).isEqualTo(new Target.Labels(List.of()));
        assertThat(DataTasks.target(dataset, 0, "t1")).isEqualTo(new Target.Values(List.of(-1.5)));
        assertThat(DataTasks.target(dataset, 1, "t1"))
                .isEqualTo(new Target.Values(List.of(2.0, 3.0)));
        assertThat(DataTasks.target(dataset, 0, "t2")).isEqualTo(new Target.Category("-1.5e0"));
    }

    @Test
    void tasksOfDifferentTextsDoNotShareRows() throws IOException {
        var file = write("text,title,label\na,b,x\n");
        var datasets =
                DatasetReader.read(
                        DataTasks.of(
                                DataTasks.data("csv", file, ""),
                                DataTasks.data("csv", file, ", text_column: title")),
                        Split.TRAIN);
        assertThat(datasets).hasSize(2);
    }

    @Test
    void mistakesAreNamedByTheLineWhereTheirRowBegins() throws IOException {
        var good = "text,label\n\"over\nlines\",a\n\n";
        assertThatThrownBy(() -> read(good + "x,y,z\n", ""))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("x.csv:5: has 3 fields, there are 2 columns");
        assertThatThrownBy(() -> read(good + "x\n", ""))
                .hasMessageContaining("x.csv:5: has 1 field,");
        assertThatThrownBy(() -> read(good + "\" \",y\n", ""))
                .hasMessageContaining("x.csv:5: has no text");
        assertThatThrownBy(() -> read(good + "x, \n", ""))
                .hasMessageContaining("x.csv:5: column 'label' has no label");
        assertThatThrownBy(() -> read("text,label\nx,1\ny,one\n", ", kind: value"))
                .hasMessageContaining("x.csv:3: column 'label' 'one' is not a number");
        for (var text : List.of("NaN", "1f", "0x1p3", "1e999", "")) {
            assertThatThrownBy(() -> read("text,label\nx," + text + "\n", ", kind: value"))
                    .isInstanceOf(BadRowException.class);
        }
    }

    @Test
    void readingGoesOnBehindQuotesThatDoNotFit() throws IOException {
        var text = "text,label\na,x\n\n\"b\"c,y\nd,z\n\"e\nf,x\n\"g,x\nh,y\n";
        assertThatThrownBy(() -> read(text, ""))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("x.csv:4: has quotes that RFC 4180 does not allow");
        assertThat(words(read(text, ", on_bad_row: skip")))
                .containsExactly(List.of("a"), List.of("d"), List.of("f"), List.of("h"));
    }

    @Test
    void aCarriageReturnAloneEndsNoRecord() throws IOException {
        var text = "text,label\na\rb,x\n\"c\rd\",y\n\"e\"f,z\ng,x\n";
        assertThatThrownBy(() -> read(text, "")).hasMessageContaining("x.csv:4: has quotes");
        assertThat(words(read(text, ", on_bad_row: skip")))
                .containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("g"));
    }

    @Test
    void manyMistakesTakeNoTime() throws IOException {
        var text = new StringBuilder("text,label\n");
        for (int i = 0; i < 20_000; i++) {
            text.append("\"broken\"here,x\ngood,y\n");
        }
        assertThat(read(text.toString(), ", on_bad_row: skip").examples()).hasSize(20_000);
    }

    @Test
    void whatIsNotUtf8SpoilsItsOwnRow() throws IOException {
        var file = folder.resolve("x.csv");
        Files.write(
                file,
                "text,label\na,x\n\"b\n\u00e9\",y\nc,z\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> DataTasks.read(DataTasks.data("csv", file, "")))
                .hasMessageContaining("x.csv:3: is not UTF-8 at line 4");
        assertThat(words(DataTasks.read(DataTasks.data("csv", file, ", on_bad_row: skip"))))
                .containsExactly(List.of("a"), List.of("c"));
    }

    @Test
    void filesWithoutRowsOrColumnsAreFailures() {
        assertThatThrownBy(() -> read("", "")).hasMessageContaining("x.csv: is empty");
        assertThatThrownBy(() -> read("\n", "")).hasMessageContaining("x.csv: has no row");
        assertThatThrownBy(() -> read("text,label\n", ""))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("x.csv: has a header, but no row");
        assertThatThrownBy(() -> read("text,category\na,b\n", ""))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(
                        "x.csv: no column 'label' in the header; it has text, category");
        assertThatThrownBy(() -> read("text,label,text\na,b,c\n", ""))
                .hasMessageContaining("x.csv:1: the header names a column twice");
    }

    @Test
    void aLineOfAMillionCharactersIsRead() throws IOException {
        var word = "x".repeat(1_000_000);
        assertThat(words(read("text,label\n" + word + ",y\n", ""))).containsExactly(List.of(word));
    }

    @Test
    void readsAllOfBanking77() {
        var file = SharedFiles.require("data").resolve("banking77/train.csv");
        var dataset = DataTasks.read(DataTasks.data("csv", file, ", column: category"));
        assertThat(dataset.examples()).hasSize(10_003);
        var labels = new HashSet<Target>();
        for (int i = 0; i < dataset.examples().size(); i++) {
            labels.add(DataTasks.target(dataset, i, "t0"));
        }
        assertThat(labels).hasSize(77);
    }

    @Test
    void linesOfSpacesAreNoRecordsEither() throws IOException {
        var dataset = read("  \ntext,label\na,x\n   \n\nb,y\n \n", "");
        assertThat(words(dataset)).containsExactly(List.of("a"), List.of("b"));
        assertThat(dataset.examples().getLast().place()).endsWith("x.csv:6");
        assertThatThrownBy(() -> read("text,label\n , \n", "")).hasMessageContaining(":2: has no");
    }
}
