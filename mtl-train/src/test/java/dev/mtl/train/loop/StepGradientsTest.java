package dev.mtl.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.bert.Frozen;
import dev.mtl.core.head.SplitText;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Workers;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Tensor;
import dev.mtl.train.data.DataGroup;
import dev.mtl.train.testing.TinyTraining;

import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class StepGradientsTest {
    private static final Map<String, Double> WEIGHTS = Map.of("side", 1.0, "words", 0.5);

    @TempDir private Path folder;
    private long before;

    @BeforeEach
    void count() {
        before = Tensor.liveCount();
    }

    @AfterEach
    void leavesNoTensorBehind() {
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    private static List<MicroBatch> cut(MultiTaskModel model, DataGroup data, int size) {
        var batches = new ArrayList<MicroBatch>();
        for (int start = 0; start < data.examples().size(); start += size) {
            var part =
                    data.examples().subList(start, Math.min(data.examples().size(), start + size));
            var texts = part.stream().map(e -> SplitText.ofWords(e.words())).toList();
            var targets = new LinkedHashMap<String, List<Target>>();
            for (var task : data.tasks()) {
                targets.put(
                        task,
                        part.stream()
                                .map(e -> Objects.requireNonNull(e.targets().get(task)))
                                .toList());
            }
            batches.add(
                    new MicroBatch(texts, texts.stream().map(model::tokenize).toList(), targets));
        }
        return batches;
    }

    /** The gradients of one step, by parameter. */
    private Map<String, float[]> gradients(
            double dropout, int batchSize, int workerCount, List<StepResult> results) {
        var backbone = TinyModel.write(folder.resolve("m" + dropout), 1, dropout);
        var gradients = new LinkedHashMap<String, float[]>();
        try (var model = TinyTraining.model(backbone, dropout);
                var workers = new Workers("test", workerCount);
                var step =
                        new StepGradients(
                                model, workers, WEIGHTS, StepGradients.Draws.BY_MICRO_BATCH);
                var sum = new GradientSum(model.parameters().names().size())) {
            var data = TinyTraining.data(16, 3);
            results.add(step.run(cut(model, data, batchSize), sum, 99));
            int i = 0;
            for (var name : model.parameters().names()) {
                var gradient = sum.gradients().get(i++);
                if (gradient != null) {
                    gradients.put(name, gradient.toFloats());
                }
            }
        }
        return gradients;
    }

    @Test
    void accumulatedGradientsAreThoseOfOneLargeBatch() {
        var results = new ArrayList<StepResult>();
        var whole = gradients(0, 16, 1, results);
        for (int size : new int[] {4, 5, 1}) {
            var parts = gradients(0, size, 2, results);
            assertThat(parts.keySet()).isEqualTo(whole.keySet());
            whole.forEach(
                    (name, figures) -> {
                        var own = Objects.requireNonNull(parts.get(name));
                        // float32: an element is a sum over all tokens, rounded relative to its
                        // terms, for which the parameter's largest gradient stands
                        float largest = 1;
                        for (float figure : figures) {
                            largest = Math.max(largest, Math.abs(figure));
                        }
                        var tolerance = within(1e-6f * largest);
                        for (int i = 0; i < figures.length; i++) {
                            assertThat(own[i])
                                    .as("%s, element %d, batches of %d", name, i, size)
                                    .isCloseTo(figures[i], tolerance);
                        }
                    });
        }
        assertThat(results)
                .allSatisfy(
                        result ->
                                assertThat(result.loss())
                                        .isCloseTo(results.getFirst().loss(), within(1e-5)));
    }

    @Test
    void theSameSeedGivesTheSameBitsWithAnyNumberOfWorkers() {
        var results = new ArrayList<StepResult>();
        var one = gradients(0.3, 2, 1, results);
        for (int workers : new int[] {2, 3}) {
            var several = gradients(0.3, 2, workers, results);
            one.forEach(
                    (name, figures) ->
                            assertThat(several.get(name)).as(name).containsExactly(figures));
        }
        assertThat(results).allSatisfy(r -> assertThat(r).isEqualTo(results.getFirst()));
    }

    @Test
    void whatIsFrozenHasNoGradient() {
        var backbone = TinyModel.write(folder.resolve("frozen"), 1, 0.1);
        try (var model = TinyTraining.model(backbone, 0.1);
                var workers = new Workers("test", 2);
                var step =
                        new StepGradients(
                                model, workers, WEIGHTS, StepGradients.Draws.BY_MICRO_BATCH);
                var sum = new GradientSum(model.parameters().names().size())) {
            step.train(name -> name.startsWith("heads.side"), new Frozen(true, 2));
            step.run(cut(model, TinyTraining.data(8, 3), 4), sum, 1);
            int i = 0;
            for (var name : model.parameters().names()) {
                if (name.startsWith("heads.side")) {
                    assertThat(sum.gradients().get(i)).as(name).isNotNull();
                } else {
                    assertThat(sum.gradients().get(i)).as(name).isNull();
                }
                i++;
            }
        }
    }

    @Test
    void aBatchThatFailsEndsTheStepAndLeavesNothingBehind() {
        var backbone = TinyModel.write(folder.resolve("failing"), 1, 0);
        try (var model = TinyTraining.model(backbone, 0);
                var workers = new Workers("test", 2);
                var step =
                        new StepGradients(
                                model, workers, WEIGHTS, StepGradients.Draws.BY_MICRO_BATCH);
                var sum = new GradientSum(model.parameters().names().size())) {
            var batches = cut(model, TinyTraining.data(8, 3), 2);
            var unknown = new LinkedHashMap<String, List<Target>>(batches.get(1).targets());
            unknown.put("side", List.of(new Target.Category("queen"), new Target.Tags(List.of())));
            batches.set(
                    1, new MicroBatch(batches.get(1).texts(), batches.get(1).encodings(), unknown));
            Assertions.assertThatThrownBy(() -> step.run(batches, sum, 1))
                    .isInstanceOfAny(ClassCastException.class, IllegalStateException.class);
        }
    }
}
