package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.testing.LinearHead;
import dev.mtl.train.testing.MajorityProvider;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parts of losses, which heads name for the records of a training. */
class LossPartsTest {
    @TempDir private Path folder;

    /** A head that names twice its loss, and the loss of which no gradient may come. */
    private static TaskHead<long[]> naming(HeadContext context) {
        return new LinearHead(context, 0, true) {
            @Override
            public LossParts lossWithParts(
                    Parameters parameters, Tensor logits, HeadBatch batch, List<long[]> targets) {
                var loss = loss(parameters, logits, batch, targets);
                var parts = new LinkedHashMap<String, Tensor>();
                parts.put("twice", loss.mul(2));
                parts.put("constant", loss.detach().mul(0).add(0.25));
                return new LossParts(loss, parts);
            }
        };
    }

    private MultiTaskModel model(boolean named) {
        var tasks = new LinkedHashMap<String, Task>();
        var labels = List.of("O", "B-q", "B-p");
        var words = new HeadContext("words", TinyModel.HIDDEN, labels);
        var side = new HeadContext("side", TinyModel.HIDDEN, List.of("queen", "paris"));
        var settings = new MajorityProvider.Settings(0, true);
        tasks.put("side", task(side, settings, new LinearHead(side, 0, false)));
        tasks.put(
                "words",
                task(words, settings, named ? naming(words) : new LinearHead(words, 0, true)));
        try (var _ = RandomStream.open(7)) {
            return ModelFiles.create(
                    TinyModel.write(folder.resolve("backbone"), 1, 0),
                    Readout.MEAN,
                    40,
                    null,
                    tasks,
                    null,
                    Device.CPU);
        }
    }

    private static Task task(HeadContext context, Record settings, TaskHead<?> head) {
        return new Task(context.task(), "linear", settings, context.labels(), head);
    }

    private record Ran(StepResult result, Map<String, float[]> gradients) {}

    private Ran step(boolean named, int batchSize) throws IOException {
        var config =
                TestConfigs.training(
                        "{batch_size: %d, gradient_accumulation_steps: %d}"
                                .formatted(batchSize, 12 / batchSize));
        try (var model = model(named);
                var workers = new Workers("test", 2);
                var step =
                        new RecordingStep(
                                model, workers, RecordingStep.Options.PLAIN, Map.of("words", 3.0));
                var training =
                        new TrainingSet(
                                model,
                                config,
                                List.of(TinyTraining.encode(model, TinyTraining.data(12, 3))))) {
            var result = step.run(training.microBatches(0, training.step(0)));
            return new Ran(result, new HashMap<>(step.gradients()));
        }
    }

    @Test
    void areMeansOverTheItemsOfAStepHoweverItIsCut() throws IOException {
        for (int batchSize : new int[] {12, 4, 1}) {
            var result = step(true, batchSize).result();

            assertThat(result.lossParts()).containsOnlyKeys("words");
            var parts = result.lossParts().get("words");
            assertThat(parts.keySet()).containsExactly("twice", "constant");
            double loss = result.taskLosses().get("words");
            assertThat(parts.get("twice")).isCloseTo(2 * loss, within(1e-6));
            assertThat(parts.get("constant")).isCloseTo(0.25, within(1e-7));
        }
    }

    @Test
    void changeNeitherTheObjectiveNorItsGradients() throws IOException {
        var plain = step(false, 4);
        var named = step(true, 4);

        assertThat(named.result().loss()).isEqualTo(plain.result().loss());
        assertThat(named.result().taskLosses()).isEqualTo(plain.result().taskLosses());
        assertThat(plain.result().lossParts()).isEmpty();
        assertThat(named.gradients().keySet()).isEqualTo(plain.gradients().keySet());
        plain.gradients()
                .forEach(
                        (name, values) ->
                                assertThat(named.gradients().get(name))
                                        .as(name)
                                        .containsExactly(values));
    }

    @Test
    void aNameThatRecordsCannotShowIsRefused() {
        var parts = new LinkedHashMap<String, Tensor>();
        try (var model = model(true)) {
            parts.put("a.b", model.parameters().get("heads.words.bias"));
            assertThatThrownBy(
                            () ->
                                    new TaskHead.LossParts(
                                            model.parameters().get("heads.words.bias"), parts))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'a.b'; names have lower-case letters, digits and '_'");
        }
    }
}
