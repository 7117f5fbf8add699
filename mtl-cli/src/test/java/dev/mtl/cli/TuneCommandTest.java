package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class TuneCommandTest {
    @TempDir static Path folder;
    private static Path config = Path.of("");

    @BeforeAll
    static void write() throws IOException {
        var file = ToyTask.write(folder, "epochs: 3, seed: 5", folder.resolve("model"));
        config =
                Files.writeString(
                        folder.resolve("ranges.yaml"),
                        Files.readString(file)
                                .replace("base_lr: 5.0e-3", "base_lr: {log: [1.0e-5, 1.0e-2]}")
                                .replace("seed: 5", "seed: 5, batch_size: {choice: [8, 16]}")
                                .replace(", batch_size: 8,", ","));
    }

    private static Call tune(String output, String... more) {
        var args = new ArrayList<>(List.of("tune", config.toString(), "--trials", "3"));
        args.addAll(List.of("--output", folder.resolve(output).toString(), "--format", "json"));
        args.addAll(List.of(more));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    private static List<JsonNode> trials(Call call) {
        assertThat(call.code()).as(call.err()).isZero();
        return call.json();
    }

    @Test
    void theBestThirdTrainsToTheEndAndAKilledSearchGoesOnToTheSameResult() throws IOException {
        var whole = trials(tune("whole"));

        assertThat(whole).hasSize(3);
        assertThat(whole).extracting(t -> t.path("rung").asInt()).containsExactly(1, 0, 0);
        int steps = whole.getFirst().path("steps").asInt();
        assertThat(whole.get(1).path("steps").asInt()).isLessThan(steps);
        assertThat(whole)
                .allSatisfy(
                        trial -> {
                            var values = trial.path("values");
                            assertThat(values.path("training.base_lr").asDouble())
                                    .isBetween(1e-5, 1e-2);
                            assertThat(values.path("training.batch_size").asInt()).isIn(8, 16);
                        });
        var best = folder.resolve("whole/trial-" + whole.getFirst().path("trial").asInt());
        assertThat(best.resolve("mtl.json")).exists();
        assertThat(folder.resolve("whole/trial-" + whole.getLast().path("trial").asInt()))
                .doesNotExist();
        assertThat(folder.resolve("whole/trials.svg"))
                .content()
                .startsWith("<svg ")
                .contains("training.base_lr", "<circle ");

        // as it is after a kill: one trial is done, a line is cut off
        var lines = Files.readAllLines(folder.resolve("whole/trials.jsonl"));
        var killed = Files.createDirectories(folder.resolve("killed"));
        Files.writeString(
                killed.resolve("trials.jsonl"),
                lines.get(0) + "\n" + lines.get(1) + "\n" + lines.get(2).substring(0, 20));
        var again = trials(tune("killed", "--resume"));
        assertThat(again).isEqualTo(whole);
        assertThat(trials(tune("killed", "--resume"))).isEqualTo(whole);

        var refused = tune("killed");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("has a search already: --resume goes on");
        var other = tune("killed", "--resume", "--seed", "2");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("is of another search: then seed 1, halving");
    }

    @Test
    void rangesThatAreNoneAreRefusedWithTheirPlace() {
        var wrong = tune("wrong", "--set", "training.base_lr={log: [0, 1]}");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err())
                .contains(
                        "training.base_lr: log takes a smaller and a larger number, both above 0");
        var none = tune("none", "--set", "training.base_lr=0.1", "--set", "training.batch_size=8");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("has no ranges to search");
    }
}
