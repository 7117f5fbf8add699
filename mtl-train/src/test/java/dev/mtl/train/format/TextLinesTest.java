package dev.mtl.train.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lines as files from many hands have them. */
class TextLinesTest {
    @TempDir private Path folder;

    private List<String> read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> read(byte[] bytes) throws IOException {
        var file = folder.resolve("x");
        Files.write(file, bytes);
        var read = new ArrayList<String>();
        try (var lines = TextLines.open(file)) {
            for (var line = lines.next(); line != null; line = lines.next()) {
                read.add(line.text());
            }
        }
        return read;
    }

    @Test
    void onlyLineFeedsEndLines() throws IOException {
        assertThat(read("a\n\n b \nc")).containsExactly("a", "", " b ", "c");
        assertThat(read("\n")).containsExactly("");
        assertThat(read("a\r\nb\r\n")).containsExactly("a", "b");
        // What other readers take for line ends too would shift a file against the others.
        assertThat(read("a\u2028b\u0085c\fd\rx\n")).containsExactly("a\u2028b\u0085c\fd\rx");
    }

    @Test
    void onlyTheFirstByteOrderMarkIsNoText() throws IOException {
        assertThat(read("\uFEFFa\n\uFEFFb\n")).containsExactly("a", "\uFEFFb");
    }

    @Test
    void linesAndCharactersMayStandAcrossTheEdgesOfChunks() throws IOException {
        for (int before : new int[] {65_533, 65_534, 65_535, 65_536}) {
            var start = "x".repeat(before);
            assertThat(read(start + "\uD83D\uDE00\r\nz"))
                    .containsExactly(start + "\uD83D\uDE00", "z");
        }
    }

    @Test
    void anOverlongEncodingIsNotUtf8() {
        assertThatThrownBy(() -> read(new byte[] {'\n', '\n', (byte) 0xC0, (byte) 0x80}))
                .isInstanceOf(MtlException.class)
                .hasMessage(
                        folder.resolve("x")
                                + ":3: is not UTF-8; convert the file, for instance with iconv");
    }

    @Test
    void aDirectoryIsNoFile() {
        assertThatThrownBy(() -> TextLines.open(folder))
                .isInstanceOf(MtlException.class)
                .hasMessage(folder + ": no such file");
    }
}
