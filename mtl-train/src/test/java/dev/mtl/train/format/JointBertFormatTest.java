package dev.mtl.train.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.testing.SharedFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

class JointBertFormatTest {
    private static final DataColumn LABEL = DataColumn.of("label");
    private static final DataColumn TAGS = DataColumn.of("seq.out");

    @TempDir private Path folder;

    private static List<DataFormat.RawRow> open(Path folder) {
        return new JointBertFormat().readAll(folder, List.of(LABEL, TAGS));
    }

    private List<DataFormat.RawRow> open(String texts, String tags, String labels)
            throws IOException {
        Files.writeString(folder.resolve("seq.in"), texts);
        Files.writeString(folder.resolve("seq.out"), tags);
        Files.writeString(folder.resolve("label"), labels);
        return open(folder);
    }

    private static List<String> tags(DataFormat.Row row) {
        return ((Target.Tags) java.util.Objects.requireNonNull(row.targets().get(TAGS))).tags();
    }

    @Test
    void splitsAtAnyRunOfWhiteSpace() throws IOException {
        var row = open("play  the\tsong \n", "O O B-song\n", "Play\n").get(0).row(1);
        assertThat(row.words()).containsExactly("play", "the", "song");
        assertThat(tags(row)).containsExactly("O", "O", "B-song");
        assertThat(row.targets()).containsEntry(LABEL, new Target.Category("Play"));
    }

    @Test
    void aWordOfOnlyTheReplacementCharacterIsAWord() throws IOException {
        var row = open("add \uFFFD now\n", "O B-x O\n", "Add\n").get(0).row(1);
        assertThat(row.words()).containsExactly("add", "\uFFFD", "now");
        assertThat(tags(row)).containsExactly("O", "B-x", "O");
    }

    @Test
    void readsCrlfAByteOrderMarkAndALastLineWithoutEnd() throws IOException {
        var rows = open("\uFEFFa b\r\nc", "O O\r\nO", "\uFEFFX\r\nY");
        assertThat(rows.size()).isEqualTo(2);
        assertThat(rows.get(0).row(1).words()).containsExactly("a", "b");
        assertThat(rows.get(0).row(1).targets()).containsEntry(LABEL, new Target.Category("X"));
        assertThat(rows.get(1).row(2).targets()).containsEntry(LABEL, new Target.Category("Y"));
    }

    @Test
    void namesTheLineWhereTagsAndWordsDisagree() throws IOException {
        var rows = open("a b\nc d\n", "O O\nO\n", "X\nY\n");
        var row = rows.get(1).row(2);
        assertThat(row.mistakes())
                .containsExactly(
                        entry(
                                TAGS,
                                folder.resolve("seq.out")
                                        + ":2: has 1 tags, seq.in has 2 words there"));
        assertThat(row.targets()).as("of the other column").containsOnlyKeys(LABEL);
    }

    @Test
    void namesTheLineWithoutWordsOrLabel() throws IOException {
        var rows = open("a\n \n", "O\n \n", "\nX\n");
        assertThatThrownBy(() -> rows.get(1).row(2)).hasMessageContaining("seq.in:2: has no words");
        assertThat(rows.get(0).row(1).mistakes())
                .containsExactly(entry(LABEL, folder.resolve("label") + ":1: has no label"));
    }

    @Test
    void filesOfDifferentLengthDoNotFitTogether() {
        assertThatThrownBy(() -> open("a\nb\n", "O\nO\n", "X\n"))
                .isInstanceOf(MtlException.class)
                .hasMessage(folder.resolve("label") + ": has 1 lines, seq.in has 2");
    }

    @Test
    void namesTheLineThatIsNotUtf8() throws IOException {
        open("a\nb\n", "O\nO\n", "X\nY\n");
        Files.write(folder.resolve("seq.in"), new byte[] {'a', '\n', 'b', (byte) 0xC3, '\n'});
        var rows = open(folder);
        assertThat(rows.get(0).row(1).words()).containsExactly("a");
        assertThatThrownBy(() -> rows.get(1).row(2))
                .isInstanceOf(BadRowException.class)
                .hasMessageStartingWith(folder.resolve("seq.in") + ":2: is not UTF-8");
    }

    @Test
    void anEmptyOrMissingFileIsSaid() throws IOException {
        open("a\n", "O\n", "X\n");
        Files.writeString(folder.resolve("seq.out"), "");
        assertThatThrownBy(() -> open(folder)).hasMessage(folder.resolve("seq.out") + ": is empty");
        Files.delete(folder.resolve("seq.out"));
        assertThatThrownBy(() -> open(folder))
                .hasMessage(folder.resolve("seq.out") + ": no such file");
        assertThatThrownBy(() -> open(folder.resolve("none")))
                .hasMessageContaining("none: no such directory");
    }

    @Test
    void aLineOfAMillionCharactersIsRead() throws IOException {
        var word = "x".repeat(1_000_000);
        assertThat(open(word + " b\n", "O O\n", "X\n").get(0).row(1).words())
                .containsExactly(word, "b");
    }

    @Test
    void readsAllOfSnips() throws IOException {
        var snips = SharedFiles.require("data").resolve("snips");
        var train = open(snips.resolve("train"));
        var dev = open(snips.resolve("dev"));
        assertThat(train.size()).isEqualTo(13_084);
        assertThat(dev.size()).isEqualTo(700);
        var labels = new HashSet<Target>();
        var tags = new HashSet<String>();
        var texts = new HashSet<List<String>>();
        for (int i = 0; i < train.size(); i++) {
            var row = train.get(i).row(i + 1);
            labels.add(row.targets().get(LABEL));
            tags.addAll(tags(row));
            texts.add(row.words());
        }
        assertThat(labels).hasSize(7);
        assertThat(tags).hasSize(72);
        assertThat(
                        IntStream.range(0, dev.size())
                                .filter(i -> texts.contains(dev.get(i).row(i + 1).words())))
                .hasSize(15);
        assertThat(Files.readString(snips.resolve("train/seq.in"), StandardCharsets.UTF_8))
                .contains("  ");
    }
}
