package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The heads that read two texts together, from YAML to predictions. */
class PairHeadsTest {
    @TempDir static Path folder;
    private static ToyRun run;

    @BeforeAll
    static void train() throws IOException {
        var rows = PairPlugin.rows();
        Files.writeString(
                folder.resolve("pairs.csv"),
                rows.replace(",label", ",label,grade")
                        .replace(",same", ",same,1")
                        .replace(",different", ",different,0"));
        var ranked = new StringBuilder("query,text,relevance\n");
        for (int i = 0; i < 24; i++) {
            var query = "the ".repeat(i / 3) + "book " + ToyTask.COLOURS.get(i % 3);
            for (int j = 2; j >= 0; j--) {
                ranked.append(
                        "%s,play %s,%d\n"
                                .formatted(query, ToyTask.COLOURS.get(j), i % 3 == j ? 1 : 0));
            }
        }
        Files.writeString(folder.resolve("ranked.csv"), ranked);
        run =
                ToyRun.train(
                        folder,
                        """
                        alike:
                          head: pair-classification
                          data: {format: csv, train: "%1$s/pairs.csv", validation: "%1$s/pairs.csv", text_columns: [first, second], column: label}
                        grade:
                          head: pair-regression
                          data: {format: csv, train: "%1$s/pairs.csv", validation: "%1$s/pairs.csv", text_columns: [first, second], column: grade, kind: value}
                        ranked:
                          head: pair-regression
                          loss: lambda
                          pooler: tanh
                          data: {format: csv, train: "%1$s/ranked.csv", validation: "%1$s/ranked.csv", text_columns: [query, text], column: relevance, kind: value}
                        """,
                        "epochs: 60, base_lr: 5.0e-3");
    }

    @Test
    void learnARelationThatNeitherTextShowsAlone() {
        var last = run.lastScores();
        assertThat(last.at("/alike/accuracy").asDouble()).isEqualTo(1);
        assertThat(last.at("/grade/pearson").asDouble()).isGreaterThan(0.95);
    }

    @Test
    void learnToRankTheTextsOfAQuery() {
        var last = run.lastScores();
        assertThat(last.at("/ranked/ndcg_at_10").asDouble()).isGreaterThan(0.95);
        assertThat(last.at("/ranked/mrr").asDouble()).isGreaterThan(0.9);
    }

    @Test
    void predictForPairs() throws IOException {
        var said =
                run.predictLines(
                        "a,b",
                        Files.readAllLines(PairPlugin.twoPairs(folder)).toArray(String[]::new));
        assertThat(said)
                .extracting(tasks -> tasks.at("/alike/label").asText())
                .containsExactly("same", "different");
        assertThat(said.getFirst().at("/grade/value").asDouble())
                .isGreaterThan(said.getLast().at("/grade/value").asDouble() + 0.5);
    }

    @Test
    void areRefusedForSingleTexts() {
        var said = run.mtl("predict", "--model", run.model().toString(), "book blue");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("alike").contains("2 texts");
    }

    @Test
    void queriesOfOneTextAreRefusedByLossesThatCompareTexts() throws IOException {
        Files.writeString(
                folder.resolve("single.csv"), "query,text,relevance\na,play,1\nb,book,0\n");
        var said = run.trainWith("tasks.ranked.data.train=" + folder.resolve("single.csv"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .contains("tasks.ranked: its loss compares rows with the same first text")
                .contains("single.csv");
    }

    @Test
    void areExportedAsOnnxOrAsCrossEncoders() throws IOException {
        assertThat(run.export("alike", "onnx").resolve("model.onnx")).exists();
        assertThat(Files.readString(run.export("ranked", "transformers").resolve("config.json")))
                .contains("BertForSequenceClassification", "torch.nn.modules.linear.Identity");
    }
}
