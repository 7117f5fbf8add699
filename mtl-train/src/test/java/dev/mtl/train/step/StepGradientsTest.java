package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

@ExtendWith(LeavesNoTensorBehind.class)
class StepGradientsTest {
    private static final Frozen WHOLE_BACKBONE = new Frozen(true, 2, false);

    private Map<String, Double> weights = Map.of("side", 1.0, "words", 0.5);

    @TempDir private Path folder;

    private static List<MicroBatch> cut(MultiTaskModel model, Dataset data, int size) {
        var batches = new ArrayList<MicroBatch>();
        var examples = TinyTraining.encode(model, data).examples();
        for (int start = 0; start < examples.size(); start += size) {
            var part = examples.subList(start, Math.min(examples.size(), start + size));
            batches.add(MicroBatch.of(part, data.tasks(), false, null));
        }
        return batches;
    }

    private RecordingStep.Options options = RecordingStep.Options.PLAIN;

    /** The gradients of one step, by parameter. */
    private Map<String, float[]> gradients(
            double dropout, int batchSize, int workerCount, List<StepResult> results) {
        var backbone = TinyModel.write(folder.resolve("m" + dropout), 1, dropout);
        try (var model = TinyTraining.model(backbone, dropout);
                var workers = new Workers("test", workerCount);
                var step = new RecordingStep(model, workers, options, weights)) {
            var data = TinyTraining.data(16, 3);
            results.add(step.run(cut(model, data, batchSize)));
            return step.gradients();
        }
    }

    @Test
    void accumulatedGradientsAreThoseOfOneLargeBatch() {
        var results = new ArrayList<StepResult>();
        var whole = gradients(0, 16, 1, results);
        for (int size : new int[] {4, 5, 1}) {
            var parts = gradients(0, size, 2, results);
            assertThat(parts.keySet()).isEqualTo(whole.keySet());
            whole.forEach(
                    (name, values) -> {
                        var ofParts = Objects.requireNonNull(parts.get(name));
                        // float32: an element is a sum over all tokens, rounded relative to its
                        // terms, for which the parameter's largest gradient stands
                        float largest = 1;
                        for (float value : values) {
                            largest = Math.max(largest, Math.abs(value));
                        }
                        var tolerance = within(1e-6f * largest);
                        // the same number added to all scores of a softmax changes nothing: the
                        // gradient of a key's bias is zero but for rounding
                        if (!name.endsWith("attention.self.key.bias")) {
                            assertThat(relativeDifference(ofParts, values))
                                    .as("%s, all elements, batches of %d", name, size)
                                    .isLessThanOrEqualTo(1e-6);
                        }
                        for (int i = 0; i < values.length; i++) {
                            assertThat(ofParts[i])
                                    .as("%s, element %d, batches of %d", name, i, size)
                                    .isCloseTo(values[i], tolerance);
                        }
                    });
        }
        assertThat(results)
                .allSatisfy(
                        result ->
                                assertThat(result.loss())
                                        .isCloseTo(results.getFirst().loss(), within(1e-5)));
    }

    /** The euclidean norm of the difference, relative to that of what is expected. */
    private static double relativeDifference(float[] actual, float[] expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return size == 0 ? difference : Math.sqrt(difference / size);
    }

    @Test
    void aTaskWithoutALabelledItemHasNoLoss() {
        var backbone = TinyModel.write(folder.resolve("unlabelled"), 1, 0);
        try (var model = TinyTraining.model(backbone, 0);
                var workers = new Workers("test", 2);
                var step = new RecordingStep(model, workers, options, weights)) {
            var data = TinyTraining.data(12, 3);
            var unlabelled =
                    new Dataset(
                            "toy",
                            data.tasks(),
                            IntStream.iterate(0, i -> i < 12, i -> i + 3) // TinyTraining's rule
                                    .mapToObj(data.examples()::get)
                                    .toList());
            var result = step.run(cut(model, unlabelled, 2));
            assertThat(result.taskLosses()).containsOnlyKeys("side");
            assertThat(result.loss()).isEqualTo(result.taskLosses().get("side"));
        }
    }

    @Test
    void aFrozenBackboneMayCarryAHeadThatHasNothingToLearn() {
        var backbone = TinyModel.write(folder.resolve("frozen"), 1, 0);
        for (boolean projecting : new boolean[] {false, true}) {
            options = new RecordingStep.Options(Precision.FP32, false, true, projecting);
            try (var model = TinyTraining.model(backbone, 0);
                    var workers = new Workers("test", 2);
                    var step = new RecordingStep(model, workers, options, weights)) {
                // a head without parameters that train is as one without parameters
                step.train(new Freezing.Stage(0, WHOLE_BACKBONE, false, true, Set.of("side")));
                // in batches of one some have no labelled word: then no loss has a graph
                var result = step.run(cut(model, TinyTraining.data(6, 3), 1));
                assertThat(result.taskLosses()).containsOnlyKeys("side", "words");
                assertThat(step.gradients()).hasSize(2);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameBitsWithAnyNumberOfWorkers() {
        var results = new ArrayList<StepResult>();
        var one = gradients(0.3, 2, 1, results);
        for (int workers : new int[] {2, 3}) {
            var several = gradients(0.3, 2, workers, results);
            one.forEach(
                    (name, values) ->
                            assertThat(several.get(name)).as(name).containsExactly(values));
        }
        assertThat(results).allSatisfy(r -> assertThat(r).isEqualTo(results.getFirst()));
    }

    @Test
    void whatIsFrozenHasNoGradient() {
        var backbone = TinyModel.write(folder.resolve("frozen"), 1, 0.1);
        try (var model = TinyTraining.model(backbone, 0.1);
                var workers = new Workers("test", 2);
                var step = new RecordingStep(model, workers, options, weights)) {
            step.train(new Freezing.Stage(0, WHOLE_BACKBONE, false, true, Set.of("words")));
            step.run(cut(model, TinyTraining.data(8, 3), 4));
            assertThat(step.gradients().keySet())
                    .isEqualTo(
                            model.parameters().names().stream()
                                    .filter(name -> name.startsWith("heads.side"))
                                    .collect(Collectors.toSet()))
                    .isNotEmpty();
        }
    }

    @Test
    void aTargetThatItsHeadDoesNotTakeEndsTheStep() {
        var backbone = TinyModel.write(folder.resolve("failing"), 1, 0);
        try (var model = TinyTraining.model(backbone, 0);
                var workers = new Workers("test", 2);
                var step = new RecordingStep(model, workers, options, weights)) {
            var batches = cut(model, TinyTraining.data(8, 3), 2);
            var unknown = new LinkedHashMap<String, List<Object>>(batches.get(1).targets());
            unknown.put("side", List.of("not encoded", "not encoded"));
            batches.set(
                    1, new MicroBatch(batches.get(1).texts(), batches.get(1).encodings(), unknown));
            assertThatThrownBy(() -> step.run(batches)).isInstanceOf(ClassCastException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, false", "true, true"})
    void theFirstMicroBatchThatFailsSaysWhyWhicheverIsFirstInTime(
            boolean deterministic, boolean projecting) {
        options = new RecordingStep.Options(Precision.FP32, false, deterministic, projecting);
        var backbone = TinyModel.write(folder.resolve("failing"), 1, 0);
        for (int workerCount = 1; workerCount <= 4; workerCount++) {
            try (var model = TinyTraining.model(backbone, 0);
                    var workers = new Workers("test", workerCount);
                    var step = new RecordingStep(model, workers, options, weights)) {
                var batches = cut(model, TinyTraining.data(8, 3), 2);
                batches.set(1, failing(batches.get(1), 50, "the second"));
                batches.set(3, failing(batches.get(3), 0, "the fourth"));
                assertThatThrownBy(() -> step.run(batches))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("the second");
            }
        }
    }

    private static MicroBatch failing(MicroBatch batch, int afterMillis, String reason) {
        return new MicroBatch(
                batch.texts(),
                batch.encodings(),
                1,
                List.of(),
                batch.targets(),
                () -> {
                    try {
                        Thread.sleep(afterMillis);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    throw new IllegalArgumentException(reason);
                });
    }

    @Test
    void computingLayersAgainGivesTheSameBits() {
        var results = new ArrayList<StepResult>();
        var plain = gradients(0.3, 4, 2, results);
        options = new RecordingStep.Options(Precision.FP32, true, true, false);
        var checkpointed = gradients(0.3, 4, 2, results);
        assertThat(checkpointed.keySet()).isEqualTo(plain.keySet());
        plain.forEach(
                (name, values) ->
                        assertThat(checkpointed.get(name)).as(name).containsExactly(values));
        assertThat(results.get(1)).isEqualTo(results.get(0));
    }

    @Test
    void sumsInFreeOrderAreCloseToThoseInOrder() {
        var results = new ArrayList<StepResult>();
        var inOrder = gradients(0.3, 2, 2, results);
        options = new RecordingStep.Options(Precision.FP32, false, false, false);
        var free = gradients(0.3, 2, 2, results);
        compare(inOrder, free, 1e-5);
    }

    @Test
    void bfloat16ComesCloseToFloat32() {
        var results = new ArrayList<StepResult>();
        var full = gradients(0, 4, 2, results);
        options = new RecordingStep.Options(Precision.BF16, false, true, false);
        var half = gradients(0, 4, 2, results);
        assertThat(half.keySet()).isEqualTo(full.keySet());
        double difference = 0;
        double size = 0;
        for (var name : full.keySet()) {
            var a = Objects.requireNonNull(full.get(name));
            var b = Objects.requireNonNull(half.get(name));
            for (int i = 0; i < a.length; i++) {
                difference += Math.pow(a[i] - b[i], 2);
                size += Math.pow(a[i], 2);
            }
        }
        // bfloat16 has 8 bits: not the same values, or it would not have been used, but near
        assertThat(Math.sqrt(difference / size)).isBetween(1e-5, 0.05);
        assertThat(results.get(1).loss()).isCloseTo(results.get(0).loss(), within(0.02));
    }

    @Test
    void aGradientCacheGivesTheGradientsOfTheWholeBatch() {
        var results = new ArrayList<StepResult>();
        var whole = gradients(0, 16, 1, results);
        for (int chunk : new int[] {1, 3, 5, 16}) {
            options = new RecordingStep.Options(Precision.FP32, false, true, false, chunk);
            var cached = gradients(0, 16, 1, results);
            assertThat(cached.keySet()).isEqualTo(whole.keySet());
            whole.forEach(
                    (name, values) -> {
                        if (!name.endsWith("attention.self.key.bias")) { // zero but for rounding
                            assertThat(
                                            relativeDifference(
                                                    Objects.requireNonNull(cached.get(name)),
                                                    values))
                                    .as("%s, chunks of %d", name, chunk)
                                    .isLessThanOrEqualTo(1e-6);
                        }
                    });
        }
    }

    @Test
    void aGradientCacheDrawsTheSameDropoutBothTimes() {
        var results = new ArrayList<StepResult>();
        options = new RecordingStep.Options(Precision.FP32, false, true, false, 16);
        // one chunk: with a cache that draws twice the gradients would be those of other draws
        var cached = gradients(0.3, 16, 1, results);
        options = RecordingStep.Options.PLAIN;
        compare(gradients(0.3, 16, 1, results), cached, 1e-5);
        assertThat(results.get(0).loss()).isEqualTo(results.get(1).loss());
    }

    @Test
    void tasksThatDoNotConflictAreSummedByPcgrad() {
        // A task that weighs nothing has a gradient of zero, which conflicts with none.
        weights = Map.of("side", 1.0, "words", 0.0);
        var results = new ArrayList<StepResult>();
        var plain = gradients(0, 4, 2, results);
        options = new RecordingStep.Options(Precision.FP32, false, true, true);
        var projected = gradients(0, 4, 2, results);
        compare(plain, projected, 1e-6);
    }

    private static void compare(
            Map<String, float[]> expected, Map<String, float[]> actual, double tolerance) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, values) ->
                        assertThat(actual.get(name))
                                .as(name)
                                .usingComparatorWithPrecision((float) tolerance)
                                .containsExactly(values));
    }
}
