package dev.mtl.train.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.retrieval.NearestTexts.Hit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Against sentence-transformers' evaluator (benchmarks/peers/golden_retrieval.py). */
@ExtendWith(LeavesNoTensorBehind.class)
class RetrievalScoresTest {
    private static final Path GOLDEN =
            Path.of("src/test/resources/dev/mtl/train/golden/retrieval.json");

    @TempDir private Path folder;

    private static float[][] rows(JsonNode json) {
        var rows = new float[json.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new float[json.get(i).size()];
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = (float) json.get(i).get(j).asDouble();
            }
        }
        return rows;
    }

    @Test
    void givesTheFiguresOfSentenceTransformers() throws IOException {
        var golden = new JsonMapper().readTree(GOLDEN.toFile());
        var relevant = new ArrayList<Set<Integer>>();
        for (var own : golden.path("relevant")) {
            var places = new HashSet<Integer>();
            own.forEach(place -> places.add(place.asInt()));
            relevant.add(places);
        }
        var done = new ArrayList<Integer>();
        var found =
                NearestTexts.of(
                        rows(golden.path("queries")), rows(golden.path("corpus")), 100, done::add);
        assertThat(done.getLast()).isEqualTo(golden.path("queries").size());
        var scores = RetrievalScores.of(found, relevant, List.of(1, 3, 10, 100));
        assertThat(scores.keySet())
                .containsExactlyElementsOf(RetrievalScores.names(List.of(1, 3, 10, 100)))
                .hasSize(golden.path("scores").size());
        scores.forEach(
                (name, value) ->
                        assertThat(value)
                                .as(name)
                                .isCloseTo(
                                        golden.path("scores").path(name).asDouble(), within(1e-9)));
    }

    @Test
    void theFirstOfTextsWithTheSameCosineComesFirst() {
        var query = new float[][] {{1, 0}};
        var corpus = new float[][] {{0, 1}, {2, 0}, {5, 0}, {1, 1}};
        assertThat(NearestTexts.of(query, corpus, 3, done -> {}).getFirst())
                .extracting(Hit::text)
                .containsExactly(1, 2, 3);
        assertThat(NearestTexts.of(query, corpus, 1, done -> {}).getFirst())
                .extracting(Hit::text)
                .containsExactly(1);
        assertThat(NearestTexts.of(query, corpus, 2, (_, text) -> text != 1, done -> {}).getFirst())
                .extracting(Hit::text)
                .containsExactly(2, 3);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void readsTheFilesOfBeir() throws IOException {
        var queries =
                write(
                        "q.jsonl",
                        "{\"_id\": \"q1\", \"text\": \"who\"}\n"
                                + "{\"_id\": \"q2\", \"text\": \"why\"}\n");
        var corpus =
                write(
                        "c.jsonl",
                        "{\"_id\": \"a\", \"title\": \"T\", \"text\": \"one\"}\n"
                                + "{\"_id\": \"b\", \"text\": \"two\", \"metadata\": {}}\n");
        var data =
                RetrievalData.read(
                        queries,
                        corpus,
                        write(
                                "r.tsv",
                                "query-id\tcorpus-id\tscore\nq2\tb\t2\nq1\ta\t0\nq2\ta\t1\n"));
        assertThat(data.queries()).containsExactly("why");
        assertThat(data.corpus()).containsExactly("T one", "two");
        assertThat(data.relevant()).containsExactly(Set.of(0, 1));
        assertThat(RetrievalData.read(queries, corpus, write("trec", "q1 0 b 1\n")).relevant())
                .containsExactly(Set.of(1));

        assertThatThrownBy(() -> RetrievalData.read(queries, corpus, write("x.tsv", "q1\tz\t1\n")))
                .isInstanceOf(MtlException.class)
                .hasMessageEndingWith("x.tsv:1: the corpus has no text 'z'");
        assertThatThrownBy(() -> RetrievalData.read(queries, corpus, write("y.tsv", "q1\ta\t0\n")))
                .hasMessageEndingWith("y.tsv: no text is relevant to any query");
        assertThatThrownBy(
                        () ->
                                RetrievalData.read(
                                        write("bad.jsonl", "{\"id\": 1, \"text\": \"x\"}\n"),
                                        corpus,
                                        queries))
                .hasMessageContaining("bad.jsonl:1: needs _id and text");
        assertThatThrownBy(() -> RetrievalData.read(queries, folder.resolve("none"), corpus))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageEndingWith("none: no such file");
    }
}
