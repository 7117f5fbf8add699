package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.Embeddings;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.heads.token.TokenClassificationProvider;
import dev.mtl.heads.token.TokenClassificationProvider.Decoding;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Each head that ships, on a GPU: the losses, gradients and predictions of a CPU. */
@EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
class HeadsOnCudaTest {
    private static final List<String> SIDES = List.of("Book", "Play");

    @TempDir Path folder;

    /** What a pass gave. */
    private record Ran(
            Map<String, Double> losses,
            Map<String, float[]> gradients,
            Map<String, float[]> logits) {}

    @Test
    void singleTextsGiveLossesGradientsAndScoresOfACpu() {
        var texts =
                List.of(
                        PreTokenizedText.of("play the blue room for monday"),
                        PreTokenizedText.of("what is the weather"),
                        PreTokenizedText.of("book a table"));
        var targets = new LinkedHashMap<String, List<Target>>();
        targets.put("intent", List.of(category("Play"), category("Play"), category("Book")));
        targets.put("topics", List.of(labels("Play"), labels(), labels("Book", "Play")));
        targets.put("stars", List.of(value(1.5), value(-2), value(0.25)));
        var tags =
                List.<Target>of(
                        new Target.Tags(List.of("O", "O", "O", "O", "O", "B-day")),
                        new Target.Tags(List.of("O", "O", "B-day", "I-day")),
                        new Target.Tags(List.of("B-day", "O", "O")));
        targets.put("slots", tags);
        targets.put("chain", tags);
        compare(texts, 1, targets, HeadsOnCudaTest::ofSingleTexts);
    }

    @Test
    void pairsDoToo() {
        var texts =
                List.of(
                        PreTokenizedText.of("play the song"),
                        PreTokenizedText.of("the song"),
                        PreTokenizedText.of("book a table"),
                        PreTokenizedText.of("what is the weather"));
        var targets = new LinkedHashMap<String, List<Target>>();
        targets.put("similar", List.of(value(0.9), value(0.1)));
        targets.put("near", List.of(new Target.Unlabelled(), new Target.Unlabelled()));
        compare(texts, 2, targets, HeadsOnCudaTest::ofPairs);
    }

    private interface Tasks {
        Task[] make();
    }

    private static Task[] ofSingleTexts() {
        var chain =
                new TokenClassificationProvider.Settings(
                        0, 0, ClassWeights.none(), Decoding.CONSTRAINED, true, true, null);
        var tagging = TinyTasks.HEADS.provider("token-classification");
        return new Task[] {
            TinyTasks.task("intent", "classification", SIDES),
            TinyTasks.task("topics", "multi-label-classification", SIDES),
            TinyTasks.task("stars", "regression", List.of("1")),
            TinyTasks.task("slots", "token-classification", TinyTasks.TAGS),
            Task.create("chain", tagging, chain, TinyTasks.TAGS, TinyModel.HIDDEN)
        };
    }

    private static Task[] ofPairs() {
        return new Task[] {
            TinyTasks.task("similar", "similarity", List.of()),
            TinyTasks.task("near", "contrastive", List.of())
        };
    }

    private void compare(
            List<PreTokenizedText> texts,
            int each,
            Map<String, List<Target>> targets,
            Tasks tasks) {
        var backbone = TinyModel.write(folder, 1, 0);
        long before = Tensor.liveCount();
        var cpu = run(backbone, Device.CPU, texts, each, targets, tasks);
        var gpu = run(backbone, Device.cuda(0), texts, each, targets, tasks);
        assertThat(Tensor.liveCount()).isEqualTo(before);
        assertThat(cpu.losses()).hasSameSizeAs(targets);
        cpu.losses()
                .forEach(
                        (task, loss) ->
                                assertThat(gpu.losses().get(task))
                                        .as("loss of %s", task)
                                        .isCloseTo(loss, within(1e-5)));
        same(gpu.logits(), cpu.logits());
        assertThat(cpu.gradients()).isNotEmpty();
        same(gpu.gradients(), cpu.gradients());
    }

    private static void same(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, figures) ->
                        assertThat(actual.get(name))
                                .as(name)
                                .containsExactly(figures, within(1e-4f)));
    }

    private static Ran run(
            ModelDirectory backbone,
            Device device,
            List<PreTokenizedText> texts,
            int each,
            Map<String, List<Target>> targets,
            Tasks tasks) {
        try (var model = TinyTasks.create(backbone, Readout.MEAN, device, tasks.make());
                var scope = TensorScope.open()) {
            var leaves = model.parameters().leaves(scope, name -> true);
            var batch = model.batch(model.tokenizer().tokenize(texts), each);
            var tokens =
                    model.trainingEncoders(leaves)
                            .shared()
                            .forward(batch.tokens(), Mode.EVALUATION, Frozen.NOTHING);
            var scores =
                    model.heads(
                            leaves,
                            Embeddings.ofTexts(tokens),
                            batch,
                            Mode.EVALUATION,
                            model.tasks().keySet());
            var losses = new LinkedHashMap<String, Double>();
            var logits = new LinkedHashMap<String, float[]>();
            Tensor sum = null;
            for (var entry : targets.entrySet()) {
                var own = model.task(entry.getKey());
                var of = scores.get(entry.getKey());
                logits.put(entry.getKey(), of.toFloats());
                assertThat(own.predict(leaves, of.detach(), batch)).isNotEmpty();
                var encoded = new ArrayList<>();
                for (int i = 0; i < batch.size(); i++) {
                    encoded.add(own.encodeTarget(entry.getValue().get(i), batch.example(i)));
                }
                var loss = own.loss(leaves, of, batch, encoded).loss();
                losses.put(entry.getKey(), loss.item());
                sum = sum == null ? loss : sum.add(loss);
            }
            Autograd.backward(sum);
            return new Ran(losses, gradients(model, leaves), logits);
        }
    }

    private static Map<String, float[]> gradients(
            MultiTaskModel model, dev.mtl.core.nn.Parameters leaves) {
        var gradients = new LinkedHashMap<String, float[]>();
        for (var name : model.parameters().names()) {
            Autograd.grad(leaves.get(name)).ifPresent(g -> gradients.put(name, g.toFloats()));
        }
        return gradients;
    }

    private static Target category(String label) {
        return new Target.Category(label);
    }

    private static Target labels(String... labels) {
        return new Target.Labels(List.of(labels));
    }

    private static Target value(double value) {
        return new Target.Values(List.of(value));
    }
}
