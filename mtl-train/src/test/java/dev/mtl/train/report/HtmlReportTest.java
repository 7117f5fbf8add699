package dev.mtl.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.TrainingListener.Evaluated;
import dev.mtl.train.progress.TrainingListener.Fitted;
import dev.mtl.train.progress.TrainingListener.Step;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

class HtmlReportTest {
    private static final Pattern CURVE =
            Pattern.compile("class=\"curve\" style=\"stroke: ([^\"]+)\"[^>]*><title>([^<]+)");
    private static final Pattern LABEL =
            Pattern.compile("y=\"([0-9.]+)\" style=\"fill: ([^;]+);[^>]*>([^<]+)");

    @TempDir private Path folder;

    private interface Run {
        void record(RunRecords records);
    }

    private String report(Run run) throws IOException {
        try (var records = new RunRecords(folder, "Training", "seed: 42\n", 0)) {
            run.record(records);
        }
        var keep = System.getProperty("mtl.report.keep");
        var page = Files.readString(folder.resolve("report.html"));
        if (keep != null) {
            Files.writeString(Path.of(keep, "report-" + page.hashCode() + ".html"), page);
        }
        return page;
    }

    private static Evaluated evaluated(int step, ConfusionMatrix matrix) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        tasks.put("intent", Map.of("accuracy", 0.5));
        var details = new LinkedHashMap<String, Evaluation.Details>();
        details.put("intent", new Evaluation.Details(Map.of(), Optional.of(matrix), List.of()));
        return new Evaluated(
                step,
                step,
                0.5,
                new Evaluation(tasks, OptionalDouble.empty(), 8, details),
                true,
                0.125);
    }

    /** bert-base with two heads: 12 layers, the embeddings, the heads, and rates of all of them. */
    @Test
    void fifteenCurvesHaveAColourAndALabelEach() throws IOException {
        var page =
                report(
                        records -> {
                            for (int step = 1; step <= 20; step++) {
                                records.onStep(
                                        new Step(
                                                step,
                                                20,
                                                step,
                                                1,
                                                Map.of("intent", 1.0),
                                                rates(step),
                                                1,
                                                8,
                                                0.25));
                            }
                        });
        var colours = new LinkedHashMap<String, String>();
        var curves = CURVE.matcher(page.substring(page.indexOf("<h2>Learning rates")));
        while (curves.find() && !curves.group(2).equals("norm")) {
            colours.put(curves.group(2), curves.group(1));
        }
        assertThat(colours).hasSize(15);
        assertThat(colours.values()).doesNotHaveDuplicates();
        var places = new ArrayList<Double>();
        var labels = LABEL.matcher(page);
        while (labels.find()) {
            assertThat(labels.group(2)).isEqualTo(colours.get(labels.group(3)));
            places.add(Double.valueOf(labels.group(1)));
        }
        assertThat(places).hasSize(15).isSorted();
        for (int i = 1; i < places.size(); i++) {
            assertThat(places.get(i) - places.get(i - 1)).isGreaterThan(10);
        }
    }

    private static LinkedHashMap<String, Double> rates(int step) {
        var rates = new LinkedHashMap<String, Double>();
        double rate = 1e-4 * Math.min(step / 5.0, (21 - step) / 15.0);
        rates.put("embeddings", rate * Math.pow(0.9, 13));
        for (int layer = 1; layer <= 12; layer++) {
            rates.put("layer " + layer, rate * Math.pow(0.9, 13 - layer));
        }
        rates.put("head intent", rate);
        rates.put("head entities", rate * 2);
        return rates;
    }

    private static ConfusionMatrix matrix(int labels) {
        var names = new ArrayList<String>();
        var counts = new int[labels][labels];
        for (int i = 0; i < labels; i++) {
            names.add("label " + i);
            counts[i][i] = 10;
        }
        counts[3][5] = 4;
        counts[7][2] = 6;
        return new ConfusionMatrix(List.copyOf(names), counts);
    }

    @Test
    void aLargeConfusionMatrixIsShownAsItsMostFrequentPairs() throws IOException {
        var page = report(records -> records.onEvaluation(evaluated(1, matrix(101))));
        assertThat(page)
                .contains("The table of all 101 labels would be too large to read")
                .contains(
                        "<tbody><tr><th>label 7</th><th>label 2</th><td>6</td><td>16</td></tr>"
                                + "<tr><th>label 3</th><th>label 5</th><td>4</td><td>14</td></tr>"
                                + "</tbody>")
                .doesNotContain("class=\"confusion\"");
        assertThat(report(records -> records.onEvaluation(evaluated(1, matrix(100)))))
                .contains("class=\"confusion\"")
                .doesNotContain("too large");
    }

    /** {@code policy: full} trains nothing, and is scored at step 0. */
    @Test
    void aRunWithoutStepsHasAnAxisFromZeroToOne() throws IOException {
        var page = report(records -> records.onEvaluation(evaluated(0, matrix(8))));
        assertThat(page)
                .containsPattern("text-anchor=\"middle\">0</text>")
                .containsPattern("text-anchor=\"middle\">1</text>")
                .doesNotContainPattern(">[-0-9.]+e-\\d+</text>")
                .doesNotContain("NaN");
    }

    @Test
    void showsTheScoresThatFittingChanged() throws IOException {
        var before = new LinkedHashMap<String, Map<String, Double>>();
        before.put("intent", Map.of("accuracy", 0.9, "ece", 0.0812));
        var after = new LinkedHashMap<String, Map<String, Double>>();
        after.put("intent", Map.of("accuracy", 0.9, "ece", 0.0123, "ece_uncalibrated", 0.0812));

        var page = report(records -> records.onFitted(new Fitted(4, before, after)));

        assertThat(page)
                .contains("<h2>Fitted to the validation data</h2>")
                .contains("<th>intent</th><th>ece</th><td>0.0812</td><td>0.0123</td>")
                .doesNotContain("<th>accuracy</th>")
                .doesNotContain("<th>ece_uncalibrated</th>");
        assertThat(report(_ -> {})).doesNotContain("Fitted to the validation data");
    }
}
