package dev.mtl.bench;

import dev.mtl.core.bert.BertArrangement;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.Arrays;
import java.util.Collections;
import java.util.Objects;

/**
 * The forward pass of a whole encoder, one batch after the other on each thread ({@code -t 2} for
 * two cores at once). Reading a value of each batch synchronizes a GPU.
 */
@State(Scope.Thread)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class EncoderBenchmark {
    /** The model. */
    @Param("all-MiniLM-L6-v2")
    public String model = "";

    /** Texts in a batch. */
    @Param({"1", "8", "32"})
    public int batch;

    /** Tokens in a text. */
    @Param({"16", "64", "128"})
    public int length;

    /** Where it runs. */
    @Param({"cpu", "cuda"})
    public String device = "";

    /** The arithmetic. */
    @Param({"fp32", "bf16"})
    public String precision = "";

    private @Nullable Session session;

    /** What was done. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Done {
        /** How many texts. */
        public long texts;

        /** How many tokens. */
        public long tokens;
    }

    /** A loaded model; what is closed are the weights of passes in float32, then the tensors. */
    private record Session(
            Device device,
            TransformerEncoder encoder,
            @Nullable StoredEncoder packed,
            TensorScope owner) {}

    /** Loads the model. */
    @Setup
    public void load() {
        var files = ModelStore.standard().resolve(model);
        var config = BertConfig.read(files.config());
        var where = Devices.choose(device);
        var owner = TensorScope.shared();
        Threads.setForThisThread(1);
        if (precision.equals("fp32")) {
            var packed = StoredEncoder.load(files.weights(), config, where, Precision.FP32, owner);
            session = new Session(where, packed.encoder(), packed, owner);
        } else {
            var weights = BertWeights.load(files.weights(), config, where, owner);
            var encoder = BertArrangement.encoder(config, new GraphKernels(weights));
            session = new Session(where, encoder, null, owner);
        }
    }

    /** Batches of texts a second. */
    @Benchmark
    public float forward(Done done) {
        var use = Objects.requireNonNull(session);
        var ids = new long[length];
        Arrays.fill(ids, 2000);
        var text = new Encoding(ids, new long[length], ids(), ids(), ids(), false);
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad();
                var _ =
                        precision.equals("bf16")
                                ? Autocast.open(use.device(), DType.BFLOAT16)
                                : null) {
            var tokens = TokenBatch.of(Collections.nCopies(batch, text), 0, use.device());
            var output = use.encoder().forward(tokens);
            done.texts += batch;
            done.tokens += (long) batch * length;
            return output.select(1, 0).select(1, 0).to(DType.FLOAT32).toFloats()[0];
        }
    }

    private int[] ids() {
        return new int[length];
    }

    /** Frees it. */
    @TearDown
    public void free() {
        var use = Objects.requireNonNull(session);
        use.owner().close();
        if (use.packed() != null) {
            use.packed().close();
        }
    }
}
