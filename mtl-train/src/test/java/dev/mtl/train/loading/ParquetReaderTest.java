package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.train.data.Example;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Reads a file that {@code golden_parquet.py} wrote with pyarrow. */
class ParquetReaderTest {
    private static Path file() {
        try {
            return Path.of(
                    Objects.requireNonNull(
                                    ParquetReaderTest.class.getResource("/parquet/hub.parquet"))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static String data(String more) {
        return DataTasks.data("parquet", file(), more);
    }

    private static Target first(String more) {
        return DataTasks.target(DataTasks.read(data(more)), 0, "t0");
    }

    @Test
    void namesOfLabelsAreThoseOfTheFile() {
        var words = ", text_column: tokens";
        assertThat(first(words)).isEqualTo(new Target.Category("world"));
        assertThat(first(words + ", names: [a, b]")).isEqualTo(new Target.Category("a"));
        assertThat(first(words + ", column: ner_tags"))
                .isEqualTo(new Target.Tags(List.of("O", "B-LOC", "I-LOC")));
        assertThat(first(words + ", column: stars")).isEqualTo(new Target.Values(List.of(4.5)));
        assertThat(first(words + ", column: entities, span_end: inclusive"))
                .isEqualTo(new Target.Tags(List.of("O", "B-city", "I-city")));
    }

    @Test
    void aRowWithoutATextIsABadRow() {
        assertThatThrownBy(() -> first("")).hasMessageContaining("hub.parquet:3: field 'text' is");
        var rest = DataTasks.read(data(", on_bad_row: skip"));
        assertThat(rest.examples()).extracting(Example::id).containsExactly(1, 2);
    }

    @Test
    void aColumnThatIsNotThereIsSaidWithThoseThatAre() {
        assertThatThrownBy(() -> first(", column: tag"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(
                        "no column 'tag'; it has text, label, stars, tokens, ner_tags, entities"
                                + " (column says which)");
    }

    @Test
    void aFileOfAnotherFormatIsSaid(@TempDir Path folder) throws IOException {
        var other = Files.writeString(folder.resolve("x.parquet"), "text,label\na,b\n");
        assertThatThrownBy(() -> DataTasks.read(DataTasks.data("parquet", other, "")))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("x.parquet: cannot be read as Parquet");
    }
}
