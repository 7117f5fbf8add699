package dev.mtl.train.retrieval;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.train.format.JsonLine;
import dev.mtl.train.format.TextLine;
import dev.mtl.train.format.TextLines;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Queries, a corpus, and which texts of the corpus are relevant to each query, in the files of
 * BEIR: JSON lines with {@code _id}, {@code text} and perhaps {@code title}, and a table of query,
 * text and relevance. Queries without relevant texts are left out.
 *
 * @param queries texts that are searched for
 * @param corpus texts that are searched
 * @param relevant for each query, the places of relevant texts in the corpus
 */
public record RetrievalData(
        List<String> queries, List<String> corpus, List<Set<Integer>> relevant) {
    public RetrievalData {
        queries = List.copyOf(queries);
        corpus = List.copyOf(corpus);
        relevant = List.copyOf(relevant);
    }

    /**
     * Reads the files.
     *
     * @throws ConfigurationException if a file is missing
     * @throws MtlException if a line cannot be read, or names what is not there
     */
    public static RetrievalData read(Path queries, Path corpus, Path relevant) {
        var texts = texts(corpus);
        var places = places(texts);
        var searched = texts(queries);
        var byQuery = new LinkedHashMap<String, Set<Integer>>();
        try (var lines = TextLines.open(relevant)) {
            boolean first = true;
            for (var line = lines.next(); line != null; line = lines.next()) {
                if (!line.text().isBlank()) {
                    addRelevant(line, first, searched, places, byQuery);
                }
                first = false;
            }
        }
        if (byQuery.isEmpty()) {
            throw new MtlException(relevant + ": no text is relevant to any query");
        }
        var kept = searched.keySet().stream().filter(byQuery::containsKey).toList();
        return new RetrievalData(
                kept.stream().map(searched::get).toList(),
                List.copyOf(texts.values()),
                kept.stream().map(byQuery::get).toList());
    }

    private static Map<String, Integer> places(SequencedMap<String, String> texts) {
        var places = new LinkedHashMap<String, Integer>();
        texts.keySet().forEach(id -> places.put(id, places.size()));
        return places;
    }

    private static SequencedMap<String, String> texts(Path file) {
        var texts = new LinkedHashMap<String, String>();
        try (var lines = TextLines.open(file)) {
            for (var line = lines.next(); line != null; line = lines.next()) {
                if (!JsonLine.isBlank(line.text())) {
                    addText(line, texts);
                }
            }
        }
        return texts;
    }

    private static void addText(TextLine line, Map<String, String> texts) {
        try {
            var object = JsonLine.parse(line.text());
            var id = object.path("_id").asText();
            if (id.isEmpty() || !object.path("text").isTextual()) {
                throw new IllegalArgumentException(
                        "needs _id and text: {\"_id\": \"7\", \"text\": \"...\"}");
            }
            var title = object.path("title").asText();
            var text = object.path("text").asText();
            if (texts.put(id, title.isEmpty() ? text : title + " " + text) != null) {
                throw new IllegalArgumentException("the _id '" + id + "' is there twice");
            }
        } catch (IllegalArgumentException e) {
            throw new MtlException(line.place() + ": " + e.getMessage(), e);
        }
    }

    /** A line of query, text and relevance, or of TREC: query, 0, text and relevance. */
    private static void addRelevant(
            TextLine line,
            boolean first,
            Map<String, String> queries,
            Map<String, Integer> places,
            Map<String, Set<Integer>> relevant) {
        var fields = new ArrayList<>(List.of(line.text().strip().split("[\\t ]+")));
        if (fields.size() == 4) {
            fields.remove(1);
        }
        if (fields.size() != 3) {
            throw new MtlException(
                    line.place()
                            + ": has "
                            + fields.size()
                            + " columns; it takes query, text and relevance, with tabs between");
        }
        boolean isNumber = fields.get(2).matches("-?[0-9]{1,9}");
        if (first && !isNumber) {
            return; // the header
        }
        if (!isNumber) {
            throw new MtlException(
                    line.place() + ": the relevance is no integer: '" + fields.get(2) + "'");
        }
        var text = places.get(fields.get(1));
        if (text == null || !queries.containsKey(fields.get(0))) {
            throw new MtlException(
                    line.place()
                            + (text == null
                                    ? ": the corpus has no text '" + fields.get(1)
                                    : ": there is no query '" + fields.get(0))
                            + "'");
        }
        if (Integer.parseInt(fields.get(2)) > 0) {
            relevant.computeIfAbsent(fields.get(0), query -> new HashSet<>()).add(text);
        }
    }
}
