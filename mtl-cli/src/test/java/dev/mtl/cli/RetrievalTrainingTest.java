package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A corpus that is searched in the evaluations of a training. */
class RetrievalTrainingTest {
    private static final List<String> COLOURS = List.of("blue", "red", "green");

    private static final String PAIRS =
            """
            found:
              head: contrastive
              data:
                format: csv
                train: FOLDER/pairs.csv
                validation: FOLDER/pairs.csv
                text_columns: [a, b]
                column: colour
                retrieval: {queries: FOLDER/q.jsonl, corpus: FOLDER/c.jsonl, relevant: FOLDER/r.tsv, k: [1, 5]}
            """;

    @TempDir private Path folder;

    @BeforeEach
    void write() throws IOException {
        var pairs = new StringBuilder("a,b,colour\n");
        var corpus = new StringBuilder();
        var queries = new StringBuilder();
        var relevant = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            var colour = COLOURS.get(i % 3);
            pairs.append(
                    "book the %1$s room,%2$s%1$s,%1$s\n"
                            .formatted(colour, "play ".repeat(1 + i / 3)));
        }
        for (var colour : COLOURS) {
            queries.append("{\"_id\": \"%1$s\", \"text\": \"what %1$s is\"}\n".formatted(colour));
            for (int i = 0; i < 4; i++) {
                corpus.append(
                        "{\"_id\": \"%1$s%2$d\", \"text\": \"%3$s the %1$s\"}\n"
                                .formatted(colour, i, "song ".repeat(i)));
                relevant.append("%1$s\t%1$s%2$d\t1\n".formatted(colour, i));
            }
        }
        Files.writeString(folder.resolve("pairs.csv"), pairs);
        Files.writeString(folder.resolve("q.jsonl"), queries);
        Files.writeString(folder.resolve("c.jsonl"), corpus);
        Files.writeString(folder.resolve("r.tsv"), relevant);
    }

    private Call train(String tasks, String training, String... more) throws IOException {
        var config =
                ToyTask.configuration(
                        folder,
                        tasks.replace("FOLDER", folder.toString()),
                        training,
                        folder.resolve("model"));
        var args = new ArrayList<>(List.of("train", config.toString(), "--format=json"));
        args.addAll(List.of(more));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    @Test
    void itsScoresSelectTheBestModel() throws IOException {
        var call =
                train(
                        PAIRS,
                        "epochs: 8, base_lr: 3.0e-3, best_metric: found.ndcg_at_5, evaluate_every:"
                                + " 2 epochs");
        assertThat(call.code()).as(call.err()).isZero();
        var last = call.json().getLast().at("/tasks/found");
        assertThat(last.fieldNames())
                .toIterable()
                .contains("mrr", "mrr_at_1", "ndcg_at_5", "recall_at_5");
        assertThat(last.path("ndcg_at_5").asDouble()).isGreaterThan(0.9);

        var best =
                call.json().stream()
                        .mapToDouble(json -> json.at("/tasks/found/ndcg_at_5").asDouble())
                        .max()
                        .orElseThrow();
        var saved =
                Call.mtl(
                        folder.resolve("cache"),
                        "retrieval",
                        "--model=" + folder.resolve("model"),
                        "--queries=" + folder.resolve("q.jsonl"),
                        "--corpus=" + folder.resolve("c.jsonl"),
                        "--relevant=" + folder.resolve("r.tsv"),
                        "--k=1,5",
                        "--format=json");
        assertThat(saved.code()).as(saved.err()).isZero();
        assertThat(saved.json().getFirst().path("ndcg_at_5").asDouble())
                .isCloseTo(best, within(1e-6));
    }

    @Test
    void saysWhatIsWrongBeforeTheFirstStep() throws IOException {
        var alone = train(PAIRS.replace("    validation: FOLDER/pairs.csv\n", ""), "epochs: 1");
        assertThat(alone.code()).isEqualTo(2);
        assertThat(alone.err()).contains("retrieval is scored with the validation data");
        var two = train(PAIRS.replace(", relevant: FOLDER/r.tsv", ""), "epochs: 1");
        assertThat(two.code()).isEqualTo(2);
        assertThat(two.err()).contains("retrieval takes three files: queries, corpus and relevant");
        var metric = train(PAIRS, "epochs: 1, best_metric: found.ndcg_at_10");
        assertThat(metric.code()).isEqualTo(2);
        assertThat(metric.err()).contains("did you mean 'found.ndcg_at_1'?");
        ToyTask.writeData(folder.resolve("tags"), 1);
        var tokens =
                train(
                        """
                        slots:
                          head: token-classification
                          data: {format: jointbert, train: FOLDER/tags, validation: FOLDER/tags, column: seq.out, retrieval: {queries: FOLDER/q.jsonl, corpus: FOLDER/c.jsonl, relevant: FOLDER/r.tsv}}
                        """,
                        "epochs: 1");
        assertThat(tokens.code()).isEqualTo(2);
        assertThat(tokens.err()).contains("which the head 'token-classification' does not read");
    }
}
