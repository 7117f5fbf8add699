package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class DataCheckCommandTest {
    @TempDir private Path folder;
    private Path config = Path.of("");

    @BeforeEach
    void write() throws IOException {
        config = ToyTask.write(folder, "epochs: 1", folder.resolve("unused"));
        write("dev", "book the pink room\n", "O O B-colour O\n", "Book\n");
    }

    private void write(String split, String texts, String tags, String labels) throws IOException {
        Files.writeString(folder.resolve(split).resolve("seq.in"), texts);
        Files.writeString(folder.resolve(split).resolve("seq.out"), tags);
        Files.writeString(folder.resolve(split).resolve("label"), labels);
    }

    private Call check(String... more) {
        var args = new java.util.ArrayList<>(java.util.List.of("data", "check", config.toString()));
        args.addAll(java.util.List.of(more));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    @Test
    void countsRowsLabelsAndLengths() {
        var call = check("--format", "json", "--set", "model.max_length=8");
        assertThat(call.code()).as(call.out() + call.err()).isZero();
        var json = call.json().getFirst();
        assertThat(json.path("problems")).isEmpty();
        assertThat(json.path("splits")).hasSize(4);
        var slots = json.at("/splits/1");
        assertThat(slots.path("task").asText()).isEqualTo("slots");
        assertThat(slots.path("split").asText()).isEqualTo("train");
        assertThat(slots.path("rows").asInt()).isEqualTo(72);
        assertThat(slots.at("/labels/B-colour").asInt()).isEqualTo(72);
        // "the" 0 to 5 times before, 4 words, [CLS] and [SEP]
        assertThat(slots.at("/lengths/8").asInt()).isEqualTo(36);
        assertThat(slots.at("/lengths/16").asInt()).isEqualTo(36);
        assertThat(slots.path("cut").asInt()).isEqualTo(36);
        assertThat(slots.path("duplicates").asInt()).isEqualTo(36);
    }

    @Test
    void whatIsWrongIsNamedAndGivesExitCodeOne() throws IOException {
        write(
                "dev",
                "book the blue room\nplay pink\nplay\n",
                "O O B-colour O\nO I-colour\nO O\n",
                "Book\nSing\nPlay\n");
        var call = check("--format", "json");
        assertThat(call.code()).isEqualTo(1);
        var problems = call.json().getFirst().path("problems").toString();
        assertThat(problems)
                .contains("seq.out:3")
                .contains("1 entities have no tag that begins one")
                .contains("1 texts of validation are in the training data too, rows [1]")
                .contains("task 'intent': the training data does not have [Sing]");

        var text = check();
        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out())
                .contains("intent, train: 72 rows of")
                .contains("     36 Book")
                .contains("wrong: ");
    }
}
