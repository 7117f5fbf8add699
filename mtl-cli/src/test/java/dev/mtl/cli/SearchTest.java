package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.store.StoreSettings;
import dev.mtl.core.testing.SharedFiles;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hard negatives of Banking77 by all-MiniLM-L6-v2, and how well it finds texts there. */
@Tag("real")
class SearchTest {
    /** Texts of an intent that are taken: few, so that it is fast. */
    private static final int EACH = 5;

    private static final int INTENTS = 20;

    @TempDir private Path folder;

    private static Call mtl(String... args) {
        return Call.mtl(StoreSettings.standard().cache(), args);
    }

    /** The first texts of the first intents. */
    private static Map<String, List<String>> banking() throws IOException {
        var byIntent = new LinkedHashMap<String, List<String>>();
        for (var line :
                Files.readAllLines(SharedFiles.require("data").resolve("banking77/train.csv"))) {
            int comma = line.lastIndexOf(',');
            if (comma < 0 || line.contains("\"") || line.startsWith("text,")) {
                continue;
            }
            var intent = line.substring(comma + 1);
            if (byIntent.size() < INTENTS || byIntent.containsKey(intent)) {
                var texts = byIntent.computeIfAbsent(intent, name -> new ArrayList<>());
                if (texts.size() < EACH) {
                    texts.add(line.substring(0, comma).strip());
                }
            }
        }
        return byIntent;
    }

    private Path config(Map<String, List<String>> banking) throws IOException {
        var rows = new StringBuilder("text,intent\n");
        banking.forEach(
                (intent, texts) ->
                        texts.forEach(
                                text ->
                                        rows.append('"')
                                                .append(text)
                                                .append("\",")
                                                .append(intent)
                                                .append('\n')));
        Files.writeString(folder.resolve("banking.csv"), rows);
        return Files.writeString(
                folder.resolve("banking.yaml"),
                """
                model: {backbone: all-MiniLM-L6-v2}
                tasks:
                  intent:
                    head: classification
                    data: {format: csv, train: "%s/banking.csv", column: intent}
                """
                        .formatted(folder));
    }

    @Test
    void minesTextsOfOtherIntentsThatContrastiveLearnsFrom() throws IOException {
        var banking = banking();
        var intents = new HashMap<String, String>();
        banking.forEach((intent, texts) -> texts.forEach(text -> intents.put(text, intent)));
        var mined = folder.resolve("mined.csv");

        var call =
                mtl(
                        "data",
                        "mine",
                        config(banking).toString(),
                        "--negatives",
                        "2",
                        "--margin",
                        "0.05",
                        "--output",
                        mined.toString(),
                        "--format",
                        "json");

        assertThat(call.code()).as(call.err()).isZero();
        var said = call.json().getFirst();
        assertThat(said.path("anchors").asInt()).isEqualTo(EACH * INTENTS);
        assertThat(said.path("corpus").asInt()).isEqualTo(EACH * INTENTS);
        assertThat(said.path("rows").asInt())
                .isGreaterThan(EACH * INTENTS)
                .isLessThanOrEqualTo(2 * EACH * INTENTS);

        var rows =
                mtl(
                                "data",
                                "mine",
                                folder.resolve("banking.yaml").toString(),
                                "--negatives=2",
                                "--margin=0.05")
                        .json();
        assertThat(rows).hasSize(said.path("rows").asInt());
        for (var row : rows) {
            var label = row.path("label").asText();
            assertThat(intents.get(row.path("anchor").asText())).isEqualTo(label);
            assertThat(intents.get(row.path("positive").asText())).isEqualTo(label);
            assertThat(intents.get(row.path("negative").asText())).isNotEqualTo(label);
        }

        var learned =
                mtl(
                        "train",
                        Files.writeString(
                                        folder.resolve("learn.yaml"),
                                        """
                                        model: {backbone: all-MiniLM-L6-v2, max_length: 32}
                                        tasks:
                                          meaning:
                                            head: contrastive
                                            data: {format: csv, train: "%1$s/mined.csv", text_columns: [anchor, positive, negative], column: label}
                                        training: {max_steps: 1, batch_size: 4}
                                        output: {dir: "%1$s/learned"}
                                        """
                                                .formatted(folder))
                                .toString());
        assertThat(learned.code()).as(learned.err()).isZero();
    }

    @Test
    void findsTextsOfTheSameIntent() throws IOException {
        var queries = new StringBuilder();
        var corpus = new StringBuilder();
        var relevant = new StringBuilder("query-id\tcorpus-id\tscore\n");
        banking()
                .forEach(
                        (intent, texts) -> {
                            queries.append(text("q-" + intent, texts.getFirst()));
                            for (int i = 1; i < texts.size(); i++) {
                                corpus.append(text(intent + i, texts.get(i)));
                                relevant.append("q-%s\t%s%d\t1\n".formatted(intent, intent, i));
                            }
                        });
        var call =
                mtl(
                        "retrieval",
                        "--model=all-MiniLM-L6-v2",
                        "--queries=" + Files.writeString(folder.resolve("q.jsonl"), queries),
                        "--corpus=" + Files.writeString(folder.resolve("c.jsonl"), corpus),
                        "--relevant=" + Files.writeString(folder.resolve("r.tsv"), relevant),
                        "--k=1,10",
                        "--format=json");
        assertThat(call.code()).as(call.err()).isZero();
        var scores = call.json().getFirst();
        assertThat(scores.path("queries").asInt()).isEqualTo(INTENTS);
        assertThat(scores.path("corpus").asInt()).isEqualTo(INTENTS * (EACH - 1));
        assertThat(scores.path("mrr_at_1").asDouble())
                .isCloseTo(scores.path("ndcg_at_1").asDouble(), within(1e-9));
        assertThat(scores.path("mrr_at_10").asDouble()).isBetween(0.6, 1.0);
        assertThat(scores.path("recall_at_10").asDouble()).isBetween(0.6, 1.0);
    }

    private static String text(String id, String text) {
        return "{\"_id\": \"%s\", \"text\": \"%s\"}\n".formatted(id, text);
    }

    @Test
    void saysWhatIsWrongBeforeItBegins() throws IOException {
        var config = config(banking()).toString();
        var range = mtl("data", "mine", config, "--range", "9");
        assertThat(range.code()).isEqualTo(2);
        assertThat(range.err()).contains("--range 9: takes ranks such as 10-50");
        var task = mtl("data", "mine", config, "--task", "intnt");
        assertThat(task.code()).isEqualTo(2);
        assertThat(task.err()).contains("no such task with training data; known: intent");
        var output = mtl("data", "mine", config, "--output", "mined.txt");
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.err()).contains("its name must end in .jsonl, .csv or .tsv");
    }
}
