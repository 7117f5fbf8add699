package dev.mtl.core.rotary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.bert.BertArrangement;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.kernel.FusedKernels;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Fused kernels beside operators where sequences are long. */
@ExtendWith(LeavesNoTensorBehind.class)
class LongSequencesTest {
    private static final String CONFIG =
            """
            {"model_type": "modernbert", "vocab_size": 50, "hidden_size": 16,
             "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 12,
             "max_position_embeddings": 4096, "local_attention": 128}
            """;

    @TempDir Path folder;

    private static Encoding text(int length) {
        var ids = IntStream.range(0, length).mapToLong(i -> (i * 37L + i / 50) % 50).toArray();
        var zeros = new int[length];
        return new Encoding(ids, new long[length], zeros, zeros, zeros, false);
    }

    private static float[] hidden(BertConfig config, Kernels kernels, List<Encoding> texts) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var batch = TokenBatch.of(texts, 0, Device.CPU);
            var mask = batch.attentionMask().unsqueeze(-1);
            return BertArrangement.encoder(config, kernels).forward(batch).mul(mask).toFloats();
        }
    }

    /** From 2,048 tokens on, heads are copied together. */
    @Test
    void fusedKernelsGiveWhatOperatorsGiveAtEveryLength() throws IOException {
        var config = BertConfig.read(Files.writeString(folder.resolve("config.json"), CONFIG));
        try (var owner = TensorScope.shared();
                var _ = RandomStream.open(1)) {
            var weights = BertWeights.random(config, owner);
            for (var texts :
                    List.of(
                            List.of(text(2047)),
                            List.of(text(2048)),
                            List.of(text(2100), text(2100), text(700)))) {
                var expected = hidden(config, new GraphKernels(weights), texts);
                assertThat(hidden(config, FusedKernels.orGraph(weights, Device.CPU), texts))
                        .containsExactly(expected, within(1e-5f));
            }
        }
    }
}
