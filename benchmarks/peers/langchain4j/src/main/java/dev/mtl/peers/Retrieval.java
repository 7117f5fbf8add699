package dev.mtl.peers;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import dev.mtl.langchain4j.MtlEmbeddingModel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** LangChain4j's in-memory retrieval of a file of texts, by two models in turn. */
public final class Retrieval {
    private static final int NEIGHBOURS = 5;

    private Retrieval() {}

    /** Takes a file with a text a line, and how many rounds. */
    public static void main(String[] args) throws Exception {
        var texts = Files.readAllLines(Path.of(args[0])).stream().map(TextSegment::from).toList();
        var theirs = new AllMiniLmL6V2EmbeddingModel();
        try (var ours = MtlEmbeddingModel.load("all-MiniLM-L6-v2")) {
            for (int round = 0; round < Integer.parseInt(args[1]); round++) {
                var mine = run("mtl", ours, texts);
                var peers = run("langchain4j", theirs, texts);
                compare(mine, peers);
            }
        }
    }

    /** The neighbours of each text, the nearest first, itself included. */
    private static List<List<String>> run(
            String name, EmbeddingModel model, List<TextSegment> texts) {
        long start = System.nanoTime();
        var store = new InMemoryEmbeddingStore<TextSegment>();
        store.addAll(model.embedAll(texts).content(), texts);
        double indexed = (System.nanoTime() - start) / 1e9;
        var latencies = new ArrayList<Double>();
        var found = new ArrayList<List<String>>();
        for (var text : texts) {
            long before = System.nanoTime();
            var query = model.embed(text.text()).content();
            var request =
                    EmbeddingSearchRequest.builder()
                            .queryEmbedding(query)
                            .maxResults(NEIGHBOURS)
                            .build();
            var matches = store.search(request).matches();
            latencies.add((System.nanoTime() - before) / 1e6);
            found.add(matches.stream().map(match -> match.embedded().text()).toList());
        }
        latencies.sort(null);
        System.out.printf(
                "%-11s index %.2f s (%.0f texts/s), query %.2f ms median, %.2f ms p99%n",
                name,
                indexed,
                texts.size() / indexed,
                latencies.get(latencies.size() / 2),
                latencies.get(latencies.size() * 99 / 100));
        return found;
    }

    private static void compare(List<List<String>> mine, List<List<String>> peers) {
        int sameOrder = 0;
        int sameSet = 0;
        for (int i = 0; i < mine.size(); i++) {
            sameOrder += mine.get(i).equals(peers.get(i)) ? 1 : 0;
            sameSet += new HashSet<>(mine.get(i)).equals(new HashSet<>(peers.get(i))) ? 1 : 0;
        }
        System.out.printf(
                "the same %d neighbours: %d of %d texts, in the same order: %d%n",
                NEIGHBOURS, sameSet, mine.size(), sameOrder);
    }
}
