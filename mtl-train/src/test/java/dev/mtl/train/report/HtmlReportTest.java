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

    private static Evaluated scored(LinkedHashMap<String, Map<String, Double>> tasks) {
        return new Evaluated(
                4,
                1,
                0.5,
                new Evaluation(tasks, OptionalDouble.empty(), 8, new LinkedHashMap<>()),
                true,
                0.125);
    }

    private static Evaluated evaluated(int step, ConfusionMatrix matrix) {
        var details = new LinkedHashMap<String, Evaluation.Details>();
        details.put("intent", new Evaluation.Details(Map.of(), Optional.of(matrix), List.of()));
        return evaluated(step, details);
    }

    private static Evaluated evaluated(
            int step, LinkedHashMap<String, Evaluation.Details> details) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        tasks.put("intent", Map.of("accuracy", 0.5));
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
                                                Map.of(),
                                                rates(step),
                                                1,
                                                8,
                                                0.25));
                            }
                        });
        var colours = new LinkedHashMap<String, String>();
        var curves = CURVE.matcher(page.substring(page.indexOf("<h3>Learning rates")));
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
    void aLargeConfusionMatrixIsShownAsItsPairsAlone() throws IOException {
        var page = report(records -> records.onEvaluation(evaluated(1, matrix(26))));
        assertThat(page)
                .contains("2 confused pairs of 26 labels")
                .containsSubsequence(
                        "<tr><th scope=\"row\" class=\"name short\">label 7</th>"
                                + "<td class=\"name short\">label 2</td>"
                                + "<td class=\"number\">6</td><td class=\"number\">16</td>"
                                + "<td class=\"number\">37.5</td></tr>",
                        "<tr><th scope=\"row\" class=\"name short\">label 3</th>"
                                + "<td class=\"name short\">label 5</td>"
                                + "<td class=\"number\">4</td><td class=\"number\">14</td>")
                .doesNotContain("class=\"confusion\"");
        assertThat(report(records -> records.onEvaluation(evaluated(1, matrix(25)))))
                .contains("class=\"confusion\"", "2 confused pairs of 25 labels");
    }

    /** {@code policy: full} trains nothing, and is scored at step 0. */
    @Test
    void aSinglePointIsToldInsteadOfDrawn() throws IOException {
        var page = report(records -> records.onEvaluation(evaluated(0, matrix(8))));
        assertThat(page)
                .contains(
                        "<p><b>Validation scores</b>: accuracy 0.5 at step 0</p>",
                        "<p><b>Training loss between evaluations</b>: mean since the last"
                                + " evaluation 0.5 at step 0</p>")
                .doesNotContain("<svg", "NaN", "<h3>Learning rates</h3>");
    }

    @Test
    void theWorstLabelComesFirstAndLabelsWithoutRowsLast() throws IOException {
        var byLabel = new LinkedHashMap<String, Map<String, Double>>();
        byLabel.put("good", label(5, 0.9));
        byLabel.put("unseen", label(0, 0.0));
        byLabel.put("bad", label(5, 0.2));
        var details = new LinkedHashMap<String, Evaluation.Details>();
        details.put("intent", new Evaluation.Details(byLabel, Optional.empty(), List.of()));

        var page = report(records -> records.onEvaluation(evaluated(1, details)));

        assertThat(page)
                .containsSubsequence(
                        "<th scope=\"col\" class=\"number\" aria-sort=\"ascending\">f1</th>",
                        ">bad</th>",
                        ">good</th>",
                        ">unseen</th>");
    }

    private static Map<String, Double> label(int support, double f1) {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("f1", f1);
        scores.put("support", (double) support);
        return scores;
    }

    @Test
    void showsTheScoresThatFittingChanged() throws IOException {
        var before = new LinkedHashMap<String, Map<String, Double>>();
        before.put("intent", Map.of("accuracy", 0.9, "ece", 0.0812));
        var after = new LinkedHashMap<String, Map<String, Double>>();
        after.put("intent", Map.of("accuracy", 0.9, "ece", 0.0123, "ece_uncalibrated", 0.0812));

        var page =
                report(
                        records -> {
                            records.onEvaluation(scored(before));
                            records.onFitted(new Fitted(4, before, after));
                        });

        assertThat(page)
                .contains(
                        "<b>fitted</b>: the same data",
                        "<th scope=\"row\" class=\"name short\">intent</th><td class=\"name"
                                + " short\">ece</td><td class=\"number\">0.0812</td><td"
                                + " class=\"number\">0.0123</td>",
                        "<td class=\"name short\">accuracy</td><td class=\"number\">0.9000</td>"
                                + "<td class=\"number\"></td>")
                .doesNotContain("ece_uncalibrated");
        assertThat(report(_ -> {})).doesNotContain("fitted");
    }
}
