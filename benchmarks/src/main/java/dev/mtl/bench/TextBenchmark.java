package dev.mtl.bench;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The costs around the network: tokenization, batch-size-1 latency, loading. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TextBenchmark {
    private static final String MODEL = "all-MiniLM-L6-v2";

    private final List<String> sentences = new ArrayList<>();
    private final TextTokenizer tokenizer;
    private final SentenceEncoder encoder;

    /** Loads the model. */
    public TextBenchmark() {
        for (int i = 0; i < 1000; i++) {
            sentences.add("please book room " + i + " for the meeting with Chen Wei on monday");
        }
        var files = ModelStore.standard().resolve(MODEL);
        tokenizer = TextTokenizer.load(files.tokenizerJson(), 256);
        encoder = SentenceEncoder.load(files, EncoderOptions.defaults());
    }

    /** The tokens of a thousand sentences. */
    @Benchmark
    public List<Encoding> tokenizeThousand() {
        return tokenizer.encodeBatch(sentences);
    }

    /** The embedding of one short text. */
    @Benchmark
    public float[] embedOne() {
        return encoder.encode("This is a test sentence.");
    }

    /** The embeddings of a thousand sentences. */
    @Benchmark
    public float[][] embedThousand() {
        return encoder.encode(sentences);
    }

    /** Loading a model from its files; LibTorch is already loaded. */
    @Benchmark
    public int load() {
        try (var loaded =
                SentenceEncoder.load(
                        ModelStore.standard().resolve(MODEL), EncoderOptions.defaults())) {
            return loaded.dimensions();
        }
    }

    /** Frees it. */
    @TearDown
    public void free() {
        encoder.close();
        tokenizer.close();
    }
}
