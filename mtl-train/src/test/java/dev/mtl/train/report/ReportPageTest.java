package dev.mtl.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.ConfusionMatrix;
import dev.mtl.core.testing.Browser;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Evaluation.Mistake;
import dev.mtl.train.progress.TrainingListener.Evaluated;
import dev.mtl.train.progress.TrainingListener.Fitted;
import dev.mtl.train.progress.TrainingListener.Step;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The report of 77 labels and 5 tasks in a real browser; its pictures are in target/screenshots.
 */
class ReportPageTest {
    private static final String NASTY = "<script>document.title='no'</script><img src=x onerror=a>";
    private static final List<String> TASKS =
            List.of("banking", "entities", NASTY, "tone", "topic");
    private static final int LABELS = 77;
    private static final String ENTER = "\uE007";

    @TempDir static Path folder;

    @BeforeAll
    static void record() {
        Browser.requireDriver();
        try (var records = new RunRecords(folder, "Training of a model", "seed: 42 # <b>\n", 0)) {
            for (int step = 1; step <= 40; step++) {
                records.onStep(step(step));
                if (step % 10 == 0) {
                    records.onEvaluation(
                            new Evaluated(step, step / 20.0, 1.5, evaluation(step), true, 0.125));
                }
            }
            var scores = evaluation(40).tasks();
            var fitted = new LinkedHashMap<String, Map<String, Double>>();
            fitted.put("banking", Map.of("accuracy", 0.81));
            records.onFitted(new Fitted(40, scores, fitted));
            records.onTest(40, evaluation(30));
            records.keep("goes on from " + NASTY, 40);
        }
    }

    /** The texts of a step are of one task. */
    private static Step step(int step) {
        var rates = new LinkedHashMap<String, Double>();
        rates.put("embeddings", 1e-6 * step);
        for (int layer = 1; layer <= 12; layer++) {
            rates.put("layer " + layer, 1e-6 * step * layer);
        }
        var task = TASKS.get(step % TASKS.size());
        return new Step(
                step,
                40,
                step / 20.0,
                3.0 / step,
                Map.of(task, 3.0 / step),
                Map.of(),
                rates,
                0.5,
                100,
                0.25);
    }

    private static Evaluation evaluation(int step) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        var details = new LinkedHashMap<String, Evaluation.Details>();
        for (var task : TASKS) {
            tasks.put(task, Map.of("accuracy", step / 50.0));
            details.put(task, task.equals("banking") ? details(LABELS, step) : details(6, step));
        }
        return new Evaluation(tasks, OptionalDouble.of(step / 60.0), 8, details);
    }

    private static Evaluation.Details details(int labels, int step) {
        var names = new ArrayList<String>();
        var byLabel = new LinkedHashMap<String, Map<String, Double>>();
        var counts = new int[labels][labels];
        for (int i = 0; i < labels; i++) {
            var name = i == 3 ? NASTY : "card_payment_not_recognised_" + i;
            names.add(name);
            var scores = new LinkedHashMap<String, Double>();
            scores.put("precision", 0.5);
            scores.put("recall", 0.5);
            scores.put("f1", (i * 31 % labels) / (double) labels);
            scores.put("support", 40.0 + i);
            scores.put("predicted", 40.0);
            byLabel.put(name, scores);
            counts[i][i] = step;
            counts[i][(i + 1) % labels] = i % 9;
        }
        var mistakes = new ArrayList<Mistake>();
        for (int i = 0; i < 60; i++) {
            mistakes.add(
                    new Mistake(
                            "folder/data.csv:" + i,
                            (i % 7 == 0 ? NASTY : "why was my card declined " + i)
                                    + " \u001b[2J "
                                    + "long".repeat(i % 20 == 0 ? 60 : 1),
                            names.get(i % labels),
                            names.get((i + 1) % labels),
                            i % 5 == 0 ? OptionalDouble.empty() : OptionalDouble.of(i / 60.0)));
        }
        return new Evaluation.Details(
                byLabel, Optional.of(new ConfusionMatrix(names, counts)), mistakes);
    }

    private static void visit(Browser browser) {
        browser.visit(folder.resolve("report.html").toUri().toString());
        browser.await("return document.querySelectorAll('th button').length > 20");
    }

    @ParameterizedTest
    @CsvSource({"1400, false", "1400, true", "500, false", "500, true"})
    void fitsTheWindowAndHasNoViolationOfAxe(int width, boolean dark) throws IOException {
        try (var browser = Browser.open(width, 1000, dark)) {
            visit(browser);
            assertThat(
                            browser.run(
                                            "return document.scrollingElement.scrollWidth"
                                                    + " <= window.innerWidth")
                                    .booleanValue())
                    .isTrue();
            assertThat(browser.run("return window.innerWidth").intValue()).isEqualTo(width);
            assertThat(
                            browser.run("return getComputedStyle(document.body).backgroundColor")
                                    .asText())
                    .isEqualTo(dark ? "rgb(20, 23, 27)" : "rgb(245, 246, 248)");
            browser.screenshot(
                    Path.of(
                            "target",
                            "screenshots",
                            "report-%d%s.png".formatted(width, dark ? "-dark" : "")));
            assertThat(violations(browser)).isEmpty();
            assertThat(lowContrasts(browser)).isEmpty();
        }
    }

    /** What axe-core leaves open: texts and curves of charts, cells of confusion matrices. */
    private static List<String> lowContrasts(Browser browser) {
        browser.run(
                """
                const context = document.createElement('canvas').getContext('2d');
                function luminance(...layers) {
                  for (const layer of layers) {
                    context.fillStyle = layer;
                    context.fillRect(0, 0, 1, 1);
                  }
                  const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data]
                    .map(v => v / 255)
                    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                }
                const card = getComputedStyle(document.querySelector('section')).backgroundColor;
                window.low = [];
                for (const element of document.querySelectorAll(
                  'svg text, .curve, .confusion td')) {
                  const style = getComputedStyle(element);
                  const colour = element.matches('text') ? style.fill
                    : element.matches('.curve') ? style.stroke : style.color;
                  const [a, b] = [luminance(colour), luminance(card, style.backgroundColor)];
                  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                  if (!(ratio >= 4.5)) {
                    window.low.push(`${ratio}: ${element.outerHTML.slice(0, 200)}`);
                  }
                }
                """);
        return texts(browser, "window.low");
    }

    /** Rule and element of each violation that axe-core finds with all its default rules. */
    private static List<String> violations(Browser browser) throws IOException {
        try (var script = ReportPageTest.class.getResourceAsStream("/axe.min.js")) {
            browser.run(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        browser.run("window.found = null; axe.run().then(results => window.found = results)");
        browser.await("return window.found !== null");
        assertThat(texts(browser, "window.found.passes.map(rule => rule.id)"))
                .contains("color-contrast", "scrollable-region-focusable", "button-name");
        return texts(
                browser,
                "window.found.violations.flatMap(rule => rule.nodes.map(node =>"
                        + " `${rule.id}: ${node.html} ${node.failureSummary}`))");
    }

    private static List<String> texts(Browser browser, String list) {
        var texts = new ArrayList<String>();
        browser.run("return " + list).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    @Test
    void tablesAreSortedByTheKeyboard() {
        try (var browser = Browser.open(1400, 1000, false)) {
            visit(browser);
            var table = "document.querySelector('[aria-label=\"banking: scores by label\"] table')";
            var first = "return " + table + ".tBodies[0].rows[0].cells[%d].textContent";
            assertThat(browser.run(first.formatted(3)).asText())
                    .as("the worst")
                    .isEqualTo("0.0000");

            browser.run(table + ".querySelectorAll('button')[4].focus()");
            browser.type(ENTER);
            assertThat(browser.run(first.formatted(4)).asText()).as("support").isEqualTo("116");
            assertThat(sorted(browser, table)).isEqualTo("support descending");
            browser.type(ENTER);
            assertThat(browser.run(first.formatted(4)).asText()).isEqualTo("40");
            assertThat(sorted(browser, table)).isEqualTo("support ascending");
            browser.run(table + ".querySelectorAll('button')[0].focus()");
            browser.type(" ");
            assertThat(browser.run(first.formatted(0)).asText()).isEqualTo(NASTY);
            assertThat(
                            browser.run(
                                            "return "
                                                    + table
                                                    + ".tBodies[0].rows[12].cells[0].textContent")
                                    .asText())
                    .as("numbers in names count as such")
                    .isEqualTo("card_payment_not_recognised_12");
            assertThat(browser.run("return " + table + ".tBodies[0].rows.length").intValue())
                    .isEqualTo(LABELS);
        }
    }

    private static String sorted(Browser browser, String table) {
        return browser.run(
                        "return [...%s.querySelectorAll('[aria-sort]')].map(head =>"
                                        .formatted(table)
                                + " `${head.textContent} ${head.ariaSort}`).join()")
                .asText();
    }

    @Test
    void cellsWithoutAValueStayLastInEitherDirection() {
        try (var browser = Browser.open(1400, 1000, false)) {
            visit(browser);
            var table =
                    "document.querySelector('[aria-label=\"banking: examples of mistakes\"]"
                            + " table')";
            var last = "return " + table + ".tBodies[0].rows[59].cells[3].textContent";
            browser.run(table + ".querySelectorAll('button')[3].focus()");
            browser.type(ENTER);
            assertThat(browser.run(last).asText()).isEmpty();
            browser.type(ENTER);
            assertThat(browser.run(last).asText()).isEmpty();
        }
    }

    /** A text of the data is shown as it is, whatever it says. */
    @Test
    void textsOfTheDataAreNeverMarkup() {
        try (var browser = Browser.open(1400, 1000, false)) {
            visit(browser);
            assertThat(browser.run("return document.title").asText())
                    .isEqualTo("Training of a model");
            assertThat(browser.run("return document.querySelectorAll('script').length").intValue())
                    .isEqualTo(1);
            assertThat(browser.run("return document.querySelectorAll('img').length").intValue())
                    .isZero();
            var page = browser.run("return document.body.innerText").asText();
            assertThat(page)
                    .contains(NASTY, "goes on from " + NASTY, "\\u001b[2J", "seed: 42 # <b>")
                    .doesNotContain("\u001b", "NaN");
            assertThat(browser.console()).isEmpty();
        }
    }

    @Test
    void scriptsInTheDataWouldNotRunEvenIfTheyWereMarkup() {
        try (var browser = Browser.open(1400, 1000, false)) {
            visit(browser);
            browser.run(
                    "const script = document.createElement('script');"
                            + "script.textContent = \"document.title = 'no'\";"
                            + "document.body.append(script)");
            assertThat(browser.run("return document.title").asText())
                    .isEqualTo("Training of a model");
        }
    }

    @Test
    void everyTaskHasASectionThatTheContentsLeadTo() {
        try (var browser = Browser.open(500, 1000, false)) {
            visit(browser);
            var headings =
                    texts(
                            browser,
                            "[...document.querySelectorAll('nav a')].map(link =>"
                                    + " document.querySelector(link.hash + ' h2').textContent)");
            var expected = new ArrayList<>(List.of("Scores", "Training"));
            expected.addAll(TASKS);
            expected.add("Configuration");
            assertThat(headings).isEqualTo(expected);
            assertThat(browser.run("return document.querySelectorAll('.curve').length").intValue())
                    .as("losses and scores of 5 tasks, 5 means, joint accuracy, 13 rates, 5 norms")
                    .isEqualTo(5 + 5 + 5 + 1 + 13 + 5);
        }
    }
}
