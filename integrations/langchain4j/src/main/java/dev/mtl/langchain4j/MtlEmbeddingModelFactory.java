package dev.mtl.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;

/**
 * The embedding model that LangChain4j takes when an application names none: the one that the
 * system property {@code mtl.model} or the environment variable {@code MTL_MODEL} names, else
 * {@code all-MiniLM-L6-v2}.
 */
public final class MtlEmbeddingModelFactory implements EmbeddingModelFactory {
    private static final String DEFAULT_MODEL = "all-MiniLM-L6-v2";

    @Override
    public EmbeddingModel create() {
        var environment = System.getenv().getOrDefault("MTL_MODEL", DEFAULT_MODEL);
        return MtlEmbeddingModel.load(System.getProperty("mtl.model", environment));
    }
}
