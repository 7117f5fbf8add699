package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.heads.classification.ClassificationProvider;
import dev.mtl.heads.classification.Reject;
import dev.mtl.heads.token.TokenClassificationProvider;
import dev.mtl.heads.token.TokenClassificationProvider.Decoding;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.policy.StaticWeights;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.step.MixedPrecision;
import dev.mtl.train.step.SingleProcess;
import dev.mtl.train.step.StepResult;
import dev.mtl.train.step.SummedLoss;
import dev.mtl.train.step.TrainingEncoder;
import dev.mtl.train.step.TrainingStep;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The heads that ship, in a step of 64 texts that goes through the network at once, and in four
 * batches of 16: sorted by length, so that each is padded to another length and has another number
 * of words, of another weight.
 */
class ShippedHeadsAccumulationTest {
    private static final List<String> FILLERS =
            List.of("the", "book", "in", "for", "monday", "blue");
    private static final List<String> LABELS = List.of("queen", "paris");
    private static final List<String> TAGS = List.of("O", "B-queen", "B-paris");

    @TempDir private Path folder;

    private record Text(PreTokenizedText words, Target label, Target tags) {}

    private static List<Text> texts() {
        var random = new SplittableRandom(4);
        var texts = new ArrayList<Text>();
        for (int i = 0; i < 64; i++) {
            var words = new ArrayList<String>();
            int length = 1 + random.nextInt(12);
            for (int j = 0; j < length; j++) {
                words.add(FILLERS.get(random.nextInt(FILLERS.size())));
            }
            // one label is three times as frequent as the other
            var side = LABELS.get(random.nextInt(4) == 0 ? 1 : 0);
            words.add(random.nextInt(length + 1), side);
            var tags = words.stream().map(w -> LABELS.contains(w) ? "B-" + w : "O").toList();
            texts.add(
                    new Text(
                            PreTokenizedText.ofWords(words),
                            new Target.Category(side),
                            new Target.Tags(tags)));
        }
        return texts;
    }

    private static MultiTaskModel model(ModelDirectory backbone) {
        var intent =
                new ClassificationProvider.Settings(
                        0,
                        0.1,
                        new ClassWeights.Given(Map.of("queen", 0.5, "paris", 2.5)),
                        true,
                        null,
                        Reject.NONE);
        var slots =
                new TokenClassificationProvider.Settings(
                        0,
                        0.1,
                        new ClassWeights.Given(Map.of("O", 0.2, "B-paris", 3.0)),
                        Decoding.CONSTRAINED,
                        false,
                        true,
                        null);
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put(
                "intent",
                Task.create(
                        "intent", new ClassificationProvider(), intent, LABELS, TinyModel.HIDDEN));
        tasks.put(
                "slots",
                Task.create(
                        "slots", new TokenClassificationProvider(), slots, TAGS, TinyModel.HIDDEN));
        try (var _ = RandomStream.open(3)) {
            return ModelFiles.create(backbone, Readout.MEAN, 40, tasks, Device.CPU);
        }
    }

    private static List<MicroBatch> cut(MultiTaskModel model, List<Text> texts, int size) {
        return IntStream.range(0, texts.size() / size)
                .mapToObj(i -> batch(model, texts.subList(i * size, (i + 1) * size)))
                .toList();
    }

    private static MicroBatch batch(MultiTaskModel model, List<Text> texts) {
        var words = texts.stream().map(Text::words).toList();
        var targets = new LinkedHashMap<String, List<Object>>();
        targets.put("intent", encode(model, "intent", texts, Text::label));
        targets.put("slots", encode(model, "slots", texts, Text::tags));
        var tokenized = model.tokenizer().tokenize(words);
        return new MicroBatch(
                words, tokenized.stream().map(TokenizedText::encoding).toList(), targets);
    }

    private static List<Object> encode(
            MultiTaskModel model, String task, List<Text> texts, Function<Text, Target> target) {
        return texts.stream()
                .map(
                        text ->
                                model.task(task)
                                        .encodeTarget(
                                                target.apply(text),
                                                TokenizedTexts.of(
                                                        model.tokenizer()
                                                                .tokenize(List.of(text.words())))))
                .toList();
    }

    private static StepResult run(
            MultiTaskModel model, List<MicroBatch> batches, Map<String, float[]> gradients) {
        var weights = new LinkedHashMap<>(Map.of("intent", 1.0, "slots", 0.7));
        try (var workers = new Workers("test", 2);
                var step =
                        new TrainingStep(
                                model,
                                new TrainingEncoder(
                                        model,
                                        new MixedPrecision(model.device(), Precision.FP32),
                                        TrainingEncoder.Recomputation.NONE),
                                new StaticWeights(weights),
                                new SummedLoss(),
                                new SingleProcess(
                                        model, workers, true, SingleProcess.Draws.BY_MICRO_BATCH),
                                (all, _) -> {
                                    int i = 0;
                                    for (var name : model.parameters().names()) {
                                        var gradient = all.get(i++);
                                        if (gradient != null) {
                                            gradients.put(name, gradient.toFloats());
                                        }
                                    }
                                },
                                new TrainingStep.Settings(
                                        1,
                                        0,
                                        0,
                                        new LearningRateSchedule(Schedule.CONSTANT, 0, 1, 1)))) {
            return step.run(0, batches);
        }
    }

    @Test
    void fourBatchesOfSixteenHaveTheGradientsOfOneOfSixtyFour() {
        try (var model = model(TinyModel.write(folder, 1, 0))) {
            var texts = new ArrayList<>(texts());
            texts.sort(Comparator.comparingInt(text -> text.words().wordTexts().size()));
            var parts = cut(model, texts, 16);
            assertThat(parts.stream().map(ShippedHeadsAccumulationTest::longest))
                    .as("padded lengths")
                    .doesNotHaveDuplicates();
            for (var task : List.of("intent", "slots")) {
                assertThat(parts.stream().map(part -> items(model, task, part)).distinct())
                        .as("items of %s", task)
                        .hasSizeGreaterThan(1);
            }

            var expected = new LinkedHashMap<String, float[]>();
            var whole = run(model, cut(model, texts, 64), expected);
            var actual = new LinkedHashMap<String, float[]>();
            var cut = run(model, parts, actual);

            assertThat(cut.loss()).isCloseTo(whole.loss(), within(1e-6));
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            double difference = 0;
            double size = 0;
            for (var name : expected.keySet()) {
                var figures = expected.getOrDefault(name, new float[0]);
                double own = difference(actual.getOrDefault(name, new float[0]), figures);
                // A bias of the backbone is a sum over all tokens whose terms nearly cancel, and
                // the terms are rounded: relative to such a sum alone it is a little more.
                double norm = norm(figures);
                double scale = name.startsWith("heads.") ? norm : Math.max(1, norm);
                assertThat(own).as(name).isLessThanOrEqualTo(1e-6 * scale);
                difference += own * own;
                size += norm * norm;
            }
            assertThat(Math.sqrt(difference / size)).as("all gradients").isLessThan(1e-6);
        }
    }

    private static int longest(MicroBatch batch) {
        return batch.encodings().stream().mapToInt(Encoding::length).max().orElseThrow();
    }

    private static double items(MultiTaskModel model, String task, MicroBatch batch) {
        return model.task(task).lossNormalizer(batch.targets().getOrDefault(task, List.of()));
    }

    private static double norm(float[] figures) {
        return difference(new float[figures.length], figures);
    }

    private static double difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += Math.pow((double) actual[i] - expected[i], 2);
        }
        return Math.sqrt(sum);
    }
}
