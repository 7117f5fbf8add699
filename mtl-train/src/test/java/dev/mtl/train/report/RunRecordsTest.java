package dev.mtl.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener.Evaluated;
import dev.mtl.train.progress.TrainingListener.Step;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

class RunRecordsTest {
    private static final String NASTY = "<script>document.title='no'</script>";

    @TempDir private Path folder;

    private RunRecords open(int from) {
        return new RunRecords(folder, "Training of a model", "seed: 42 # <b>\n", from);
    }

    /** A step with one loss and one rate. */
    private static Step step(int step, String task, double loss, String part) {
        var rates = new LinkedHashMap<String, Double>();
        rates.put(part, 1e-5 * step);
        return new Step(
                step, 40, step / 20.0, loss, Map.of(task, loss), Map.of(), rates, 0.5, 100, 0.25);
    }

    /** Records steps after {@code from} up to {@code to}; every tenth is evaluated. */
    private void record(int from, int to) {
        var records = open(from);
        for (int step = from + 1; step <= to; step++) {
            var losses = new LinkedHashMap<String, Double>();
            losses.put("intent", 1.0 / step);
            losses.put(NASTY, 2.0 / step);
            var rates = new LinkedHashMap<String, Double>();
            rates.put("layer 1", 1e-5 * step);
            rates.put("head intent", 2e-5 * step);
            records.onStep(
                    new Step(
                            step,
                            40,
                            step / 20.0,
                            3.0 / step,
                            losses,
                            parts(step),
                            rates,
                            0.5,
                            100,
                            0.25));
            if (step % 10 == 0) {
                records.onEvaluation(evaluated(step));
            }
        }
    }

    /** The task intent names two parts of its loss, of which one is NaN at first. */
    private static Map<String, SequencedMap<String, Double>> parts(int step) {
        var parts = new LinkedHashMap<String, Double>();
        parts.put("kl", step == 1 ? Double.NaN : 0.25 / step);
        parts.put("entropy", 0.75 / step);
        return Map.of("intent", parts);
    }

    private static Evaluated evaluated(int step) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        tasks.put("intent", Map.of("accuracy", step / 50.0));
        var details = new LinkedHashMap<String, Evaluation.Details>();
        details.put(
                "intent",
                new Evaluation.Details(
                        Map.of(NASTY, Map.of("support", (double) step)),
                        Optional.of(
                                new ConfusionMatrix(
                                        List.of("yes", NASTY), new int[][] {{step, 1}, {0, 7}})),
                        List.of(
                                new Evaluation.Mistake(
                                        "data.csv:" + step,
                                        NASTY + " \u001b[2J",
                                        "yes",
                                        NASTY,
                                        OptionalDouble.of(0.625)))));
        return new Evaluated(
                step,
                step / 20.0,
                1.5 / step,
                new Evaluation(tasks, OptionalDouble.of(step / 60.0), 8, details),
                step <= 30,
                0.125);
    }

    @Test
    void metricsHaveALineForEachStepAndEvaluation() throws IOException {
        record(0, 40);
        var lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
        assertThat(lines).hasSize(44);
        var first = new JsonMapper().readTree(lines.getFirst());
        assertThat(first.path("step").asInt()).isEqualTo(1);
        assertThat(first.at("/tasks/intent").asDouble()).isEqualTo(1);
        assertThat(first.at("/loss_parts/intent/kl").asText()).isEqualTo("NaN");
        assertThat(first.at("/loss_parts/intent/entropy").asDouble()).isEqualTo(0.75);
        assertThat(first.at("/learning_rates/layer 1").asDouble()).isEqualTo(1e-5);
        assertThat(first.path("grad_norm").asDouble()).isEqualTo(0.5);
        assertThat(first.path("seconds").asDouble()).isEqualTo(0.25);
        var last = new JsonMapper().readTree(lines.getLast());
        assertThat(last.at("/evaluation/intent/accuracy").asDouble()).isEqualTo(0.8);
        assertThat(last.path("best").asBoolean()).isFalse();
        assertThat(last.path("seconds").asDouble()).isEqualTo(0.125);
    }

    @Test
    void partsOfALossHaveAChartInTheSectionOfTheirTask() throws IOException {
        record(0, 20);

        var parts = History.read(folder.resolve("metrics.jsonl")).lossParts();
        assertThat(parts).containsOnlyKeys("intent");
        assertThat(parts.get("intent").get("kl"))
                .as("NaN has no point")
                .hasSize(19)
                .contains(new History.Point(20, 0.0125));
        assertThat(folder.resolve("report.html"))
                .content()
                .containsOnlyOnce("aria-label=\"intent, Parts of the loss:");
    }

    @Test
    void alternatingTasksHaveALossCurveEach() throws IOException {
        try (var records = open(0)) {
            for (int step = 1; step <= 4; step++) {
                records.onStep(step(step, step % 2 == 0 ? "intent" : "entities", step, "layer 1"));
            }
            records.onEvaluation(evaluated(4));
        }
        var history = History.read(folder.resolve("metrics.jsonl"));
        assertThat(history.sharedLosses()).as("they zigzag").isEmpty();
        assertThat(history.taskLosses().keySet()).containsExactly("entities", "intent");
        assertThat(history.taskLosses().get("entities"))
                .containsExactly(new History.Point(1, 1), new History.Point(3, 3));
        assertThat(history.taskLosses().get("intent"))
                .containsExactly(new History.Point(2, 2), new History.Point(4, 4));
        assertThat(history.meanLosses())
                .containsEntry("entities", List.of(new History.Point(4, 2)))
                .containsEntry("intent", List.of(new History.Point(4, 3)));
        assertThat(history.gradientNorms())
                .containsEntry(
                        "entities", List.of(new History.Point(1, 0.5), new History.Point(3, 0.5)))
                .containsOnlyKeys("entities", "intent");
        assertThat(folder.resolve("report.html"))
                .content()
                .containsOnlyOnce("aria-label=\"entities, Loss in the steps of this task:")
                .containsOnlyOnce("aria-label=\"intent, Loss in the steps of this task:")
                .doesNotContain("<h3>Loss</h3>");
    }

    @Test
    void aSingleTaskHasNoLossCurveBesidesTheTotal() throws IOException {
        try (var records = open(0)) {
            records.onStep(step(1, "intent", 1, "layer 1"));
        }
        assertThat(History.read(folder.resolve("metrics.jsonl")).sharedLosses())
                .containsOnlyKeys("total");
    }

    @Test
    void anInfiniteLossOfATaskIsOneOfItsStepsAllTheSame() throws IOException {
        try (var records = open(0)) {
            for (double loss : new double[] {1, Double.POSITIVE_INFINITY, 2}) {
                records.onStep(
                        new Step(
                                1,
                                40,
                                1,
                                loss,
                                Map.of("a", loss, "b", 1.0),
                                Map.of(),
                                new LinkedHashMap<>(),
                                0.5,
                                100,
                                0.25));
            }
        }
        assertThat(History.read(folder.resolve("metrics.jsonl")).sharedLosses().keySet())
                .containsExactlyInAnyOrder("total", "a", "b");
    }

    @Test
    void aRunWithoutEvaluationsHasAReport() throws IOException {
        try (var records = open(0)) {
            records.onStep(step(1, "intent", 2, "layer 1"));
            records.onStep(step(2, "intent", 1, "layer 1"));
        }
        assertThat(folder.resolve("report.html"))
                .content()
                .contains("<h3>Loss</h3>", "<b>2</b><span>steps</span>", "class=\"curve\"");
        assertThat(folder).isDirectoryNotContaining("glob:**.writing");
    }

    @Test
    void aCheckpointUpdatesTheReport() throws IOException {
        try (var records = open(0)) {
            records.onStep(step(1, "intent", 2, "layer 1"));
            assertThat(folder.resolve("report.html")).doesNotExist();
            records.onCheckpoint(1, folder.resolve("checkpoints"));
            assertThat(folder.resolve("report.html"))
                    .content()
                    .contains("<b>1</b><span>steps</span>");
        }
    }

    @Test
    void aReportThatCannotBeWrittenLeavesTheOldOne() throws IOException {
        record(0, 10);
        var before = Files.readString(folder.resolve("report.html"));
        Files.createDirectories(folder.resolve("report.html.writing/full"));
        assertThatThrownBy(() -> record(10, 20))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("report.html: cannot be written: ");
        assertThat(folder.resolve("report.html")).hasContent(before);
    }

    /** Wherever a line was cut, also behind a brace and inside of a character. */
    @Test
    void aTruncatedLineOfTheMetricsIsDropped() throws IOException {
        var file = folder.resolve("metrics.jsonl");
        var whole = "{\"step\":1,\"loss\":2.0}\n".getBytes(StandardCharsets.UTF_8);
        var line =
                "{\"step\":2,\"tasks\":{\"Zürich\":1.0},\"learning_rates\":{\"layer 1\":1.0}}"
                        .getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < line.length; length++) {
            var cut = ByteBuffer.allocate(whole.length + length);
            Files.write(file, cut.put(whole).put(line, 0, length).array());
            open(9).close();
            assertThat(Files.readAllBytes(file)).as("%d bytes", length).isEqualTo(whole);
        }
    }

    @Test
    void aResumedRunDropsTheMetricsAfterItsCheckpoint() throws IOException {
        record(0, 40);
        var whole = Files.readAllLines(folder.resolve("metrics.jsonl"));
        // killed in the middle of a line
        Files.writeString(
                folder.resolve("metrics.jsonl"),
                String.join("\n", whole) + "\n{\"step\": 41, \"lo");
        record(25, 40);
        var again = Files.readAllLines(folder.resolve("metrics.jsonl"));
        assertThat(withoutTimes(again)).isEqualTo(withoutTimes(whole));
    }

    @Test
    void theReportOfAResumedRunHasTheMistakesOfItsBestStep() throws IOException {
        record(0, 40);
        var best = "<small>data.csv:30</small>";
        assertThat(folder.resolve("report.html")).content().contains(best);
        var whole = Files.readString(folder.resolve("report.html"));

        record(35, 40);

        assertThat(folder.resolve("report.html")).content().isEqualTo(whole);
    }

    private static List<String> withoutTimes(List<String> lines) {
        return lines.stream().map(line -> line.replaceAll("\"seconds\":[^,}]+", "")).toList();
    }

    @Test
    void tensorBoardsEventsAreReadBack() throws IOException {
        record(0, 10);
        var files = eventFiles();
        assertThat(files).hasSize(1);
        var events = EventFile.read(files.getFirst());
        assertThat(events.getFirst().version()).isEqualTo("brain.Event:2");
        assertThat(events).hasSize(1 + 10 + 1);
        var second = events.get(2);
        assertThat(second.step()).isEqualTo(2);
        assertThat(second.scalars())
                .containsEntry("loss/total", 1.5f)
                .containsEntry("loss/intent", 0.5f)
                .containsEntry("loss/intent.kl", 0.125f)
                .containsEntry("learning_rate/head intent", (float) 4e-5)
                .containsEntry("grad_norm", 0.5f);
        assertThat(events.getLast().scalars())
                .containsEntry("eval/intent/accuracy", 0.2f)
                .containsKey("eval/joint_accuracy");
        assertThat(second.wallTime()).isCloseTo(System.currentTimeMillis() / 1e3, within(600.0));
    }

    @Test
    void theEventFileOfAResumedRunBeginsWithASessionStart() throws IOException {
        record(0, 10);
        record(5, 6);
        var resumed = eventFiles().getLast();
        assertThat(resumed.getFileName().toString()).endsWith(".5");
        var events = EventFile.read(resumed);
        assertThat(events).hasSize(1 + 1 + 1);
        assertThat(events.get(1).sessionStatus()).isEqualTo(EventFile.START);
        assertThat(events.get(1).step()).isEqualTo(6);
        assertThat(events.get(2).step()).isEqualTo(6);
        assertThat(EventFile.read(eventFiles().getFirst()))
                .allMatch(event -> event.sessionStatus() == 0);
    }

    /** In the order of their steps; those of one second have the same time in their names. */
    private List<Path> eventFiles() throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(f -> f.getFileName().toString().contains("tfevents"))
                    .sorted()
                    .toList();
        }
    }
}
