package dev.mtl.heads.masked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;

/** Against BertForMaskedLM (benchmarks/peers/golden_masked.py), and what is masked. */
class MaskedLanguageModelTest {
    private static final Path GOLDEN = Path.of("src/test/resources/dev/mtl/heads/masked");
    private static final String TASK = "words";

    @TempDir private Path folder;

    private MultiTaskModel model() throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": 105,
                 "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
                 "intermediate_size": 64, "max_position_embeddings": 40, "type_vocab_size": 2,
                 "hidden_act": "gelu", "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0,
                 "attention_probs_dropout_prob": 0}
                """);
        Files.copy(GOLDEN.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        var tokenizer = TinyTokenizer.write(folder);
        var provider = new MaskedLanguageModelProvider();
        var config = BertConfig.read(folder.resolve("config.json"));
        var task =
                Task.create(
                        provider,
                        provider.defaults(),
                        new HeadContext(TASK, 32, 32, List.of(), config.vocabulary()));
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put(TASK, task);
        return ModelFiles.create(
                new ModelDirectory("golden", folder, tokenizer),
                Readout.MEAN,
                40,
                tasks,
                Device.CPU);
    }

    private static long[] longs(JsonNode array) {
        var values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }

    private static Encoding encoding(JsonNode originals, JsonNode masked, JsonNode labels) {
        int n = originals.size();
        var own = longs(labels);
        for (int i = 0; i < n; i++) {
            own[i] = own[i] < 0 ? Masks.NONE : own[i];
        }
        return new Encoding(
                        longs(originals), new long[n], new int[n], new int[n], new int[n], false)
                .withMasks(longs(masked), own);
    }

    @Test
    void lossAndGradientsAreThoseOfTransformersWithTheHeadOfTheCheckpoint() throws IOException {
        var golden = new JsonMapper().readTree(GOLDEN.resolve("masked.json").toFile());
        try (var model = model();
                var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            var encodings = new ArrayList<Encoding>();
            for (int row = 0; row < golden.path("masked").size(); row++) {
                encodings.add(
                        encoding(
                                golden.path("originals").get(row),
                                golden.path("masked").get(row),
                                golden.path("labels").get(row)));
            }
            var text = PreTokenizedText.of("a");
            var batch = model.batch(List.of(text, text), encodings, 1, List.of());
            var leaves = model.parameters().leaves(owner, name -> true);
            var encoder = model.trainingEncoders(leaves).shared();
            var embeddings =
                    model.encode(
                            batch,
                            List.of(TASK),
                            (tokens, layers) ->
                                    encoder.forward(tokens, Mode.TRAINING, Frozen.NOTHING, layers));
            var task = model.task(TASK);
            var inputs = model.inputs(leaves, embeddings, batch);
            var logits = task.forward(leaves, inputs, Mode.TRAINING);
            assertThat(logits.shape()).containsExactly(4, 105);
            var targets = new ArrayList<>();
            encodings.forEach(
                    own ->
                            targets.add(
                                    task.encodeTarget(
                                            new Target.Unlabelled(),
                                            TokenizedTexts.of(text, own))));
            assertThat(task.lossNormalizer(targets)).isEqualTo(4);

            var loss = task.loss(leaves, logits, batch, targets).loss();
            Autograd.backward(loss);

            assertThat(loss.item()).isCloseTo(golden.path("loss").asDouble(), within(1e-5));
            for (var expected : golden.path("gradients").properties()) {
                var name =
                        expected.getKey()
                                .replaceFirst("^bert\\.", "")
                                .replaceFirst(
                                        "^cls\\.predictions\\.bias$", "heads.words.decoder.bias")
                                .replaceFirst("^cls\\.predictions\\.", "heads.words.");
                double sum = 0;
                double squares = 0;
                for (float value : Autograd.grad(leaves.get(name)).orElseThrow().toFloats()) {
                    sum += value;
                    squares += (double) value * value;
                }
                double wanted = expected.getValue().get(1).asDouble();
                assertThat(sum)
                        .as(name)
                        .isCloseTo(
                                expected.getValue().get(0).asDouble(),
                                within(2e-5 * (1 + Math.sqrt(wanted))));
                assertThat(squares).as(name).isCloseTo(wanted, within(1e-5 * (1 + wanted)));
            }
            var half = logits.mul(0.5);
            assertThat(task.divergence(leaves, logits, half, batch, targets).item())
                    .as("divergence of the hidden tokens")
                    .isCloseTo(logits.symmetricDivergence(half).mean().item(), within(1e-6));
            var said = (MaskedText) task.predict(leaves, logits, batch).getFirst();
            assertThat(said.tokens()).isEqualTo(3);
        }
    }

    /** [CLS], words of one, two and three pieces, [SEP]. */
    private static Encoding text() {
        var words = new int[] {-1, 0, 1, 1, 2, 2, 2, -1};
        int n = words.length;
        var ids = new long[n];
        for (int i = 0; i < n; i++) {
            ids[i] = 100 + i;
        }
        return new Encoding(ids, new long[n], words, new int[n], new int[n], false);
    }

    private static Masks masks(double probability, boolean wholeWords) {
        return new Masks(new MaskedLanguageModelProvider.Settings(probability, wholeWords), 1000);
    }

    @Test
    void tokensOfWordsAreHiddenAsOftenAsTheSettingsSay() {
        int chosen = 0;
        int mask = 0;
        int kept = 0;
        for (int seed = 0; seed < 4000; seed++) {
            var drawn = masks(0.3, false).draw(text(), 4, new SplittableRandom(seed));
            var labels = drawn.labels();
            assertThat(labels).isNotNull();
            assertThat(labels[0]).isEqualTo(Masks.NONE);
            assertThat(labels[7]).isEqualTo(Masks.NONE);
            for (int i = 1; i < 7; i++) {
                if (labels[i] == Masks.NONE) {
                    assertThat(drawn.ids()[i]).isEqualTo(100 + i);
                } else {
                    assertThat(labels[i]).isEqualTo(100 + i);
                    chosen++;
                    mask += drawn.ids()[i] == 4 ? 1 : 0;
                    kept += drawn.ids()[i] == labels[i] ? 1 : 0;
                }
            }
        }
        // 0.3 of six, and one of six where none is drawn: 0.7^6 of the texts
        assertThat(chosen / 4000.0).isCloseTo(1.8 + Math.pow(0.7, 6), within(0.05));
        assertThat((double) mask / chosen).isCloseTo(0.8, within(0.02));
        assertThat((double) kept / chosen).isCloseTo(0.1, within(0.02));
    }

    @Test
    void wholeWordsAreHiddenTogether() {
        for (int seed = 0; seed < 200; seed++) {
            var labels = masks(0.4, true).draw(text(), 4, new SplittableRandom(seed)).labels();
            assertThat(labels).isNotNull();
            assertThat(labels[2] == Masks.NONE).isEqualTo(labels[3] == Masks.NONE);
            assertThat(labels[4] == Masks.NONE).isEqualTo(labels[6] == Masks.NONE);
        }
    }

    @Test
    void theSameDrawsGiveTheSameMasks() {
        var one = masks(0.3, false).draw(text(), 4, new SplittableRandom(5));
        var other = masks(0.3, false).draw(text(), 4, new SplittableRandom(5));
        assertThat(one.ids()).isEqualTo(other.ids());
        assertThat(one.labels()).isEqualTo(other.labels());
        assertThatThrownBy(() -> new MaskedLanguageModelProvider.Settings(1, false))
                .hasMessage("probability is 1.0, it must be in (0, 1)");
    }

    private static MaskedText text(int tokens, double loss, int right) {
        return new MaskedText(tokens, loss, right, "", List.of());
    }

    @Test
    void perplexityIsThatOfAllHiddenTokens() {
        var metric = new PerplexityMetric();
        metric.add(text(3, 6, 1), new Target.Unlabelled());
        metric.add(text(1, 2, 1), new Target.Unlabelled());
        assertThat(metric.scores().get("perplexity")).isCloseTo(Math.exp(2), within(1e-12));
        assertThat(metric.scores()).containsEntry("accuracy", 0.5);
        assertThat(text(0, 0, 0).toJson()).containsEntry("perplexity", 1.0);
    }
}
