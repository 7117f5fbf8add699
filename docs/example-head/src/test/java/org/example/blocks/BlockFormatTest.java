package org.example.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class BlockFormatTest {
    @TempDir private Path folder;

    @Test
    void aRowHasItsFieldsAndTheNumberOfItsFirstLine() throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("a.txt"), "\ntext: one\n  two\nlabel: a\n\n\ntext: three\n");
        var format = new BlockFormat();
        try (var rows = format.open(format.defaults(), file)) {
            var first = rows.next();
            assertEquals(2, first.number());
            assertEquals(Map.of("text", "one two", "label", "a"), first.fields());
            var second = rows.next();
            assertEquals(7, second.number());
            assertEquals(Map.of("text", "three"), second.fields());
            assertNull(rows.next());
        }
    }

    @Test
    void aLineWithoutAFieldIsAMistakeOfItsRow() throws IOException {
        var file = Files.writeString(folder.resolve("a.txt"), "text one\n\ntext: two\n");
        var format = new BlockFormat();
        try (var rows = format.open(format.defaults(), file)) {
            var first = rows.next();
            assertThrows(IllegalArgumentException.class, first::fields);
            assertEquals(Map.of("text", "two"), rows.next().fields());
        }
    }
}
