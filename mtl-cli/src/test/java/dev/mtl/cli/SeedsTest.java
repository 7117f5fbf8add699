package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One command that trains with several seeds, and the table of the runs. */
class SeedsTest {
    @TempDir static Path folder;
    private static Path config = Path.of("");
    private static Call training = new Call(0, "", "");

    @BeforeAll
    static void train() throws IOException {
        config = ToyTask.write(folder, "max_steps: 4, seed: 9", folder.resolve("runs/toy"));
        ToyTask.writeData(folder.resolve("test"), 2);
        var split = "/train\", validation";
        var text = Files.readString(config);
        Files.writeString(
                config, text.replace(split, "/train\", test: \"" + folder + "/test\", validation"));
        training = mtl("train", config.toString(), "--seeds", "1,2", "--format", "json");
        assertThat(training.code()).as(training.err()).isZero();
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void theScoresOfAllSeedsAndTheirMeanAndDeviationArePrinted() {
        var lines = training.json();
        assertThat(lines).hasSize(5); // of each seed validation and test, and the summary
        assertThat(lines.subList(0, 4))
                .extracting(line -> line.path("seed").asInt())
                .containsExactly(1, 1, 2, 2);
        var summary = lines.getLast();
        assertThat(summary.path("seeds").toString()).isEqualTo("[1,2]");
        assertMeanAndDeviation(summary, lines.get(0), lines.get(2));
        assertMeanAndDeviation(summary.path("test"), lines.get(1), lines.get(3));
        assertThat(summary.at("/test/joint_accuracy/mean").isNumber()).isTrue();
    }

    private static void assertMeanAndDeviation(JsonNode summary, JsonNode first, JsonNode second) {
        var f1 = "/tasks/slots/f1";
        double one = first.at(f1).asDouble();
        double two = second.at(f1).asDouble();
        assertThat(summary.at(f1 + "/mean").asDouble()).isEqualTo((one + two) / 2);
        assertThat(summary.at(f1 + "/deviation").asDouble())
                .isCloseTo(Math.abs(one - two) / Math.sqrt(2), within(1e-12));
    }

    @Test
    void aSeedOfSeveralGivesTheBitsOfThatSeedAlone() throws IOException {
        var alone = folder.resolve("alone");
        var call =
                mtl(
                        "train",
                        config.toString(),
                        "--set",
                        "training.seed=2",
                        "--output",
                        alone.toString());
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(
                        Files.mismatch(
                                alone.resolve("model.safetensors"),
                                folder.resolve("runs/toy.seed-2/model.safetensors")))
                .isEqualTo(-1);
    }

    @Test
    void allSeedsAreResumedAndThoseOfTheConfigurationAreUsed() {
        var call = mtl("train", config.toString(), "--resume", "--set", "training.seeds=[1, 2]");
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.err()).contains("resumed after step 4");
        assertThat(call.out())
                .contains("\nmean and deviation of the seeds 1, 2: intent accuracy ")
                .contains("\ntest, mean and deviation of the seeds 1, 2: intent accuracy ");
    }

    @Test
    void runsListsDirectorySeedMetricAndScore() {
        var json = mtl("runs", folder.resolve("runs").toString(), "--format", "json");
        assertThat(json.code()).as(json.err()).isZero();
        assertThat(json.json())
                .extracting(
                        run -> run.path("directory").asText(),
                        run -> run.path("seed").asInt(),
                        run -> run.path("best_metric").asText(),
                        run -> run.path("outcome").asText())
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(
                                folder.resolve("runs/toy.seed-1").toString(),
                                1,
                                "mean",
                                "finished"),
                        org.assertj.core.groups.Tuple.tuple(
                                folder.resolve("runs/toy.seed-2").toString(),
                                2,
                                "mean",
                                "finished"));
        assertThat(json.json())
                .allMatch(run -> run.path("best").isNumber() && run.path("test").isNumber())
                .allMatch(run -> run.at("/test_tasks/slots/f1").isNumber());

        var text = mtl("runs", folder.resolve("runs").toString());
        assertThat(text.out().lines()).hasSize(3).first().asString().startsWith("directory ");
        assertThat(text.out())
                .containsPattern(
                        "toy.seed-2 +20\\d\\d-.* 2 +4 +mean +[01]\\.\\d{4} +[01]\\.\\d{4}");
    }

    @Test
    void aDirectoryThatIsNotThereIsAWrongCall() {
        assertThat(List.of(mtl("runs", folder.resolve("none").toString()).code()))
                .containsExactly(2);
    }
}
