package dev.mtl.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.console.Results;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener.Evaluated;
import dev.mtl.train.progress.TrainingListener.Step;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

class TrainingReportTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long nanos = 1_000_000_000_000L;
    private int begun;
    private final TrainingReport report = report();

    private TrainingReport report() {
        var stderr = new PrintStream(err, true, StandardCharsets.UTF_8);
        var console =
                new Console(InputStream.nullInputStream(), new Results(out), stderr, Map.of());
        return new TrainingReport(
                console, new Progress(stderr, 0, () -> nanos), false, null, () -> begun++);
    }

    private void step(int step) {
        report.onStep(
                new Step(
                        step,
                        100,
                        step / 50.0,
                        0.5,
                        Map.of(),
                        Map.of(),
                        new LinkedHashMap<>(),
                        1,
                        600,
                        2));
        nanos += 2_000_000_000L;
    }

    /** A resumed run, an evaluation of ten minutes: neither makes the steps slower. */
    @Test
    void speedAndTimeLeftCountTheStepsOfThisProcessOnly() {
        step(41);
        nanos += 600_000_000_000L;
        step(42);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        mtl: step 41 of 100, epoch 0.82, loss 0.5000, 300 tokens/s, 0:01:58 left
                        mtl: step 42 of 100, epoch 0.84, loss 0.5000, 300 tokens/s, 0:01:56 left
                        """);
    }

    @Test
    void scoresGoToStdoutAndProgressToStderr() {
        step(41);
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        tasks.put("intent", Map.of("accuracy", 0.75));
        report.onEvaluation(
                new Evaluated(
                        41,
                        0.82,
                        0.5,
                        new Evaluation(tasks, OptionalDouble.empty(), 8, new LinkedHashMap<>()),
                        true,
                        1));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("step 41, epoch 0.82: train loss 0.5000; ")
                .endsWith(" (best so far)\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("best").hasLineCount(1);
    }

    @Test
    void callsBackWhenTrainingBegins() {
        assertThat(begun).isZero();
        report.onBegin();
        assertThat(begun).isEqualTo(1);
    }
}
