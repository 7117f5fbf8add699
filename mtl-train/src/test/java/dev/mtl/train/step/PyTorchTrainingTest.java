package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.policy.StaticWeights;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.testing.LinearHead;
import dev.mtl.train.testing.MajorityProvider;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A hundred steps of a tiny BERT with two heads, and 60 of tiny encoders with rotary positions,
 * against PyTorch's ({@code benchmarks/peers/golden_training.py}).
 */
class PyTorchTrainingTest {
    static final Path GOLDEN = Path.of("src/test/resources/dev/mtl/train/golden");
    private static final int LAYERS = 2;

    private final List<Double> clippedNorms = new ArrayList<>();
    private final List<Double> factors = new ArrayList<>();

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "., dropout_off",
        "., dropout_on",
        "modernbert, dropout_off",
        "modernbert, dropout_on",
        "nomic_bert, dropout_off",
        "nomic_bert, dropout_on",
        "gte, dropout_off",
        "gte, dropout_on",
        "eurobert, dropout_off",
        "eurobert, dropout_on",
        "deberta, dropout_off",
        "deberta, dropout_on"
    })
    void givesTheLossTheNormAndTheRateOfEveryStep(String backbone, String name) throws IOException {
        check(GOLDEN.resolve(backbone), name, Device.CPU, 1e-5, 1e-6);
    }

    @Test
    @EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
    void givesThemOnCuda() throws IOException {
        check(GOLDEN, "dropout_off", Device.cuda(0), 1e-4, 1e-4);
    }

    /** bfloat16 has 8 bits: not the same losses, or it would not have been used, but near. */
    @ParameterizedTest
    @ValueSource(strings = {".", "modernbert", "nomic_bert", "gte", "eurobert"})
    void staysNearTheRunInBfloat16(String backbone) throws IOException {
        var golden = GOLDEN.resolve(backbone);
        var values =
                JsonMapper.builder().build().readTree(golden.resolve("training.json").toFile());
        var losses = values.at("/runs/dropout_off/loss");
        try (var model = model(golden, 0, Device.CPU);
                var workers = new Workers("golden", 1);
                var optimizer = optimizer(model);
                var training = step(model, workers, optimizer, losses.size(), Precision.BF16)) {
            double farthest = 0;
            for (int step = 0; step < losses.size(); step++) {
                var json = values.path("batches").get(step % values.path("batches").size());
                double loss = training.run(step, List.of(batch(model, json))).loss();
                farthest = Math.max(farthest, Math.abs(loss - losses.get(step).asDouble()));
            }
            assertThat(farthest).isBetween(1e-4, 0.1);
        }
    }

    /** The norm's tolerance is relative. */
    private void check(Path golden, String name, Device device, double ofLoss, double ofNorm)
            throws IOException {
        var values =
                JsonMapper.builder().build().readTree(golden.resolve("training.json").toFile());
        int steps = values.at("/settings/steps").asInt();
        var run = values.path("runs").path(name);
        double dropout = run.path("dropout").asDouble();
        assumeTrue(dropout == 0 || dropoutIsPortable(), "this LibTorch draws dropout by MKL");
        try (var model = model(golden, dropout, device);
                var workers = new Workers("golden", 1);
                var optimizer = optimizer(model);
                var training = step(model, workers, optimizer, steps, Precision.FP32)) {
            RandomStream.seedGlobal(run.path("seed").asLong());
            for (int step = 0; step < run.path("loss").size(); step++) {
                var batch =
                        batch(
                                model,
                                values.path("batches").get(step % values.path("batches").size()));
                var result = training.run(step, List.of(batch));
                check("loss", step, result.loss(), run.path("loss"), ofLoss);
                double norm = run.path("gradient_norm").get(step).asDouble();
                assertThat(result.gradientNorm())
                        .as("gradient norm of step %d", step)
                        .isCloseTo(norm, within(ofNorm * norm));
                assertThat(clippedNorms.getLast())
                        .as("clipped norm of step %d", step)
                        .isCloseTo(norm * Math.min(1, 1 / (norm + 1e-6)), within(ofNorm));
                check("rate", step, 5e-4 * factors.getLast(), values.path("rates"), 1e-15);
            }
            checkWeights(model, run.path("checksums"));
        }
    }

    /** Notes what the optimizer is given. */
    private TrainingStep step(
            MultiTaskModel model, Workers workers, Optimizer optimizer, int steps, Precision bits) {
        var precision = new MixedPrecision(model.device(), bits);
        return new TrainingStep(
                model,
                new TrainingEncoder(model, precision, TrainingEncoder.Recomputation.NONE),
                new StaticWeights(new LinkedHashMap<>()),
                new SummedLoss(),
                new SingleProcess(model, workers, true, SingleProcess.Draws.GLOBAL),
                (gradients, factor) -> {
                    var present = gradients.stream().map(Objects::requireNonNull).toList();
                    clippedNorms.add(Gradients.globalNorm(present));
                    factors.add(factor);
                    optimizer.step(gradients, factor);
                },
                new TrainingStep.Settings(
                        0,
                        1.0,
                        0,
                        new LearningRateSchedule(Schedule.LINEAR, steps / 10, steps, 1)));
    }

    private static void check(
            String what, int step, double actual, JsonNode values, double tolerance) {
        assertThat(actual)
                .as("%s of step %d", what, step)
                .isCloseTo(values.get(step).asDouble(), within(tolerance));
    }

    private static void checkWeights(MultiTaskModel model, JsonNode checksums) {
        var ours = new HashMap<String, String>();
        for (var spec : BertWeights.specs(model.backboneConfig())) {
            ours.put(model.backboneConfig().modelType().hfName(spec.name()), spec.name());
        }
        assertThat(checksums.properties()).hasSizeGreaterThanOrEqualTo(ours.size());
        for (var entry : checksums.properties()) {
            var name = ours.getOrDefault(entry.getKey(), entry.getKey());
            boolean head = name.startsWith("intent.") || name.startsWith("slots.");
            double sum = 0;
            double squares = 0;
            for (float x : model.parameters().get(head ? "heads." + name : name).toFloats()) {
                sum += x;
                squares += (double) x * x;
            }
            assertThat(sum)
                    .as("sum of %s", name)
                    .isCloseTo(entry.getValue().get(0).asDouble(), within(2e-3));
            assertThat(squares)
                    .as("sum of squares of %s", name)
                    .isCloseTo(entry.getValue().get(1).asDouble(), within(1e-3));
        }
    }

    private static Optimizer optimizer(MultiTaskModel model) {
        var rates = new LayerwiseRates(5e-4, 0.95, 0.01, LAYERS, Map.of());
        return new Optimizer(model.parameters(), rates::groupOf, 0.9, 0.999, 1e-8);
    }

    private MultiTaskModel model(Path golden, double dropout, Device device) throws IOException {
        return model(folder, golden, dropout, device, LayerMix.LAST, LayerMix.LAST);
    }

    /**
     * The model of a golden run.
     *
     * @param folder empty, for its files
     */
    static MultiTaskModel model(
            Path folder,
            Path golden,
            double dropout,
            Device device,
            LayerMix intent,
            LayerMix slots)
            throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                Files.readString(golden.resolve("config.json"))
                        .replaceAll("(_dropout(_prob)?\": )0.1", "$1" + dropout));
        Files.copy(golden.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        var tokenizer = TinyTokenizer.write(folder);
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put("intent", task("intent", 3, dropout, false).withLayers(intent, LAYERS));
        tasks.put("slots", task("slots", 5, dropout, true).withLayers(slots, LAYERS));
        var model =
                ModelFiles.create(
                        new ModelDirectory("golden", folder, tokenizer),
                        Readout.MEAN,
                        40,
                        tasks,
                        device);
        try (var reader = SafetensorsReader.open(golden.resolve("model.safetensors"));
                var _ = TensorScope.open()) {
            for (var name : List.of("intent.weight", "intent.bias", "slots.weight", "slots.bias")) {
                var info = reader.info(name);
                model.parameters()
                        .get("heads." + name)
                        .copyFrom(Tensors.of(reader.read(name), info.dtype(), info.shape()));
            }
        }
        return model;
    }

    private static Task task(String name, int classes, double dropout, boolean tokens) {
        var labels = IntStream.range(0, classes).mapToObj(String::valueOf).toList();
        var head = new LinearHead(new HeadContext(name, 32, labels), dropout, tokens);
        return new Task(name, "linear", new MajorityProvider.Settings(0, true), labels, head);
    }

    static MicroBatch batch(MultiTaskModel model, JsonNode json) {
        var texts = new ArrayList<PreTokenizedText>();
        var encodings = new ArrayList<Encoding>();
        var intents = new ArrayList<Object>();
        var slots = new ArrayList<Object>();
        for (int row = 0; row < json.path("input_ids").size(); row++) {
            int length = 0;
            for (var bit : json.path("attention_mask").get(row)) {
                length += bit.asInt();
            }
            var ids = new long[length];
            var words = new int[length];
            var tags = new ArrayList<String>();
            for (int i = 0; i < length; i++) {
                ids[i] = json.path("input_ids").get(row).get(i).asLong();
                words[i] = i;
                int tag = json.path("slots").get(row).get(i).asInt();
                tags.add(tag < 0 ? "-" : String.valueOf(tag));
            }
            encodings.add(
                    new Encoding(
                            ids, new long[length], words, new int[length], new int[length], false));
            texts.add(new PreTokenizedText("", List.of()));
            var tokenized = TokenizedTexts.of(texts.getLast(), encodings.getLast());
            var intent = new Target.Category(json.path("intent").get(row).asText());
            intents.add(model.task("intent").encodeTarget(intent, tokenized));
            slots.add(model.task("slots").encodeTarget(new Target.Tags(tags), tokenized));
        }
        var targets = new LinkedHashMap<String, List<Object>>();
        targets.put("intent", intents);
        targets.put("slots", slots);
        return new MicroBatch(texts, encodings, targets);
    }

    /** Whether an element is dropped when its uniform float64 number is not below what is kept. */
    static boolean dropoutIsPortable() {
        try (var _ = TensorScope.open()) {
            RandomStream.seedGlobal(1);
            var uniform = Tensors.zeros(DType.FLOAT64, Device.CPU, 64).uniform(0, 1).toDoubles();
            RandomStream.seedGlobal(1);
            var dropped = Tensors.full(DType.FLOAT32, Device.CPU, 1, 64).dropout(0.5).toFloats();
            return IntStream.range(0, 64).allMatch(i -> (uniform[i] < 0.5) == (dropped[i] != 0));
        }
    }
}
