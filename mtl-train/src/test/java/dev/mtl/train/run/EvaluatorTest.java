package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.train.checkpoint.TrainerState;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.testing.Accuracy;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Scores worked out by hand, of heads that say what stands in the text. */
class EvaluatorTest {
    @TempDir private Path folder;
    private final Queue<Integer> batches = new ConcurrentLinkedQueue<>();

    private record NoSettings() {}

    private record Word(String text) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("word", text);
        }

        @Override
        public String toText() {
            return text;
        }
    }

    /**
     * Has nothing to learn: its label is the first or the last word of the text. Notes how many
     * texts its batches have.
     */
    private record WordHead(boolean last, Queue<Integer> batches) implements TaskHead<Target> {
        @Override
        public Set<HeadInput> inputs() {
            return Set.of(last ? HeadInput.TOKENS : HeadInput.SENTENCE);
        }

        @Override
        public Target encodeTarget(Target target, TokenizedTexts texts) {
            return target;
        }

        @Override
        public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
            return inputs.tokens();
        }

        @Override
        public Tensor loss(
                Parameters parameters, Tensor logits, HeadBatch batch, List<Target> targets) {
            return logits.sum();
        }

        @Override
        public List<? extends Prediction> predict(
                Parameters parameters, Tensor logits, HeadBatch batch) {
            batches.add(batch.texts().size());
            return batch.texts().stream()
                    .map(PreTokenizedText::wordTexts)
                    .map(words -> new Word(last ? words.getLast() : words.getFirst()))
                    .toList();
        }

        @Override
        public Metric newMetric() {
            return new Accuracy();
        }

        @Override
        public String primaryMetric() {
            return "accuracy";
        }
    }

    private MultiTaskModel model() {
        var tasks = new LinkedHashMap<String, Task>();
        for (var name : List.of("first", "last", "single")) {
            var head = new WordHead(name.equals("last"), batches);
            tasks.put(name, new Task(name, "word", new NoSettings(), List.of(), head));
        }
        return ModelFiles.create(
                TinyModel.write(folder, 1, 0.5), Readout.MEAN, 40, tasks, Device.CPU);
    }

    private static Example example(int id, String text, Map<String, String> labels) {
        var targets = new LinkedHashMap<String, Target>();
        labels.forEach((task, label) -> targets.put(task, new Target.Category(label)));
        return new Example(id, List.of(PreTokenizedText.of(text)), targets);
    }

    private static Dataset shared() {
        return new Dataset(
                "shared",
                List.of("first", "last"),
                List.of(
                        example(1, "a b", Map.of("first", "a", "last", "b")),
                        example(2, "c d e f g h", Map.of("first", "c", "last", "c")),
                        example(3, "i", Map.of("first", "x", "last", "y")),
                        example(4, "j k l", Map.of("first", "j", "last", "l"))));
    }

    @Test
    void jointAccuracyIsThatOfTextsWithEveryTaskRight() {
        try (var model = model()) {
            var single =
                    new Dataset(
                            "single",
                            List.of("single"),
                            List.of(
                                    example(1, "a", Map.of("single", "b")),
                                    example(2, "a", Map.of("single", "a"))));
            var evaluation =
                    new Evaluator(model, 2)
                            .evaluate(TinyTraining.encode(model, List.of(shared(), single)));
            assertThat(evaluation.tasks().keySet()).containsExactly("first", "last", "single");
            assertThat(evaluation.tasks())
                    .containsEntry("first", Map.of("accuracy", 0.75, "errors", 1.0))
                    .containsEntry("last", Map.of("accuracy", 0.5, "errors", 2.0))
                    .containsEntry("single", Map.of("accuracy", 0.5, "errors", 1.0));
            assertThat(evaluation.rows()).isEqualTo(6);
            // of the four texts that two tasks share, not of all six
            assertThat(evaluation.jointAccuracy()).hasValue(0.5);
        }
    }

    @Test
    void anExampleThatOneTaskCannotUseIsScoredByTheOther() {
        try (var model = model()) {
            var data =
                    new Dataset(
                            "shared",
                            List.of("first", "last"),
                            List.of(
                                    example(1, "a b", Map.of("first", "a")),
                                    example(2, "c d", Map.of("last", "c")),
                                    example(3, "e f", Map.of("first", "e", "last", "f"))));
            var evaluation =
                    new Evaluator(model, 2).evaluate(TinyTraining.encode(model, List.of(data)));
            assertThat(evaluation.tasks())
                    .containsEntry("first", Map.of("accuracy", 1.0, "errors", 0.0))
                    .containsEntry("last", Map.of("accuracy", 0.5, "errors", 1.0));
            assertThat(evaluation.rows()).isEqualTo(3);
            assertThat(evaluation.jointAccuracy()).as("of the one with both").hasValue(1);
        }
    }

    @Test
    void thereIsNoJointAccuracyWhereNoTextIsShared() {
        try (var model = model()) {
            var single =
                    new Dataset(
                            "single",
                            List.of("single"),
                            List.of(example(1, "a", Map.of("single", "a"))));
            var evaluation =
                    new Evaluator(model, 2).evaluate(TinyTraining.encode(model, List.of(single)));
            assertThat(evaluation.jointAccuracy()).isEmpty();
            assertThat(evaluation.tasks()).containsOnlyKeys("single");
        }
    }

    @Test
    void theBatchesAreTheSameWithAnyNumberOfThreads() {
        // padding differs with the batches, and the last bits with the padding
        var sizes = new ArrayList<List<Integer>>();
        try (var model = model()) {
            for (int count : new int[] {1, 2, 3}) {
                batches.clear();
                new Evaluator(model, count).evaluate(TinyTraining.encode(model, List.of(shared())));
                sizes.add(batches.stream().sorted().toList());
            }
        }
        assertThat(sizes.get(0)).isNotEmpty().isEqualTo(sizes.get(1)).isEqualTo(sizes.get(2));
    }

    @Test
    void everyPredictionIsThatOfItsOwnText() {
        var examples = new ArrayList<Example>();
        for (int i = 0; i < 300; i++) {
            var word = "w" + i;
            examples.add(
                    example(
                            i + 1,
                            word + " x".repeat(i * 7 % 23),
                            Map.of("first", word, "last", i * 7 % 23 == 0 ? word : "x")));
        }
        try (var model = model()) {
            var dataset = new Dataset("many", List.of("first", "last"), examples);
            var evaluation =
                    new Evaluator(model, 2).evaluate(TinyTraining.encode(model, List.of(dataset)));
            assertThat(evaluation.jointAccuracy()).hasValue(1);
        }
    }

    @Test
    void theBestModelIsThatOfTheBestWeightedMean() {
        try (var model = model()) {
            var best = best(model, Map.of("first", 3.0, "last", 1.0), "mean");
            assertThat(best.isBetter(scores(0.5, 0.5))).isTrue();
            assertThat(best.isBetter(scores(0.5, 0.5))).isFalse();
            assertThat(best.isBetter(scores(0.4, 0.7))).isFalse(); // 0.475
            assertThat(best.isBetter(scores(0.6, 0.3))).isTrue(); // 0.525
        }
    }

    @Test
    void thereIsABestModelWhereNoTaskCounts() {
        try (var model = model()) {
            var best = best(model, Map.of("first", 0.0, "last", 0.0), "mean");
            assertThat(best.isBetter(scores(0.1, 0.1))).isTrue();
        }
    }

    private static Best best(MultiTaskModel model, Map<String, Double> weights, String metric) {
        return new Best(new BestMetric(model, weights, metric));
    }

    /** The evaluations of a run, as the trainer counts them. */
    private static final class Best {
        private final BestMetric metric;
        private TrainerState state = TrainerState.start();

        Best(BestMetric metric) {
            this.metric = metric;
        }

        boolean isBetter(Evaluation evaluation) {
            double score = metric.of(evaluation);
            boolean better = metric.isBetter(score, state.bestScore());
            state = state.afterEvaluation(score, better);
            return better;
        }

        int since() {
            return state.sinceBest();
        }

        double best() {
            return state.bestScore();
        }
    }

    @Test
    void theSmallestErrorIsTheBest() {
        try (var model = model()) {
            var best = best(model, Map.of(), "first.errors");
            assertThat(best.isBetter(errors(4))).isTrue();
            assertThat(best.isBetter(errors(5))).isFalse();
            assertThat(best.isBetter(errors(4))).isFalse();
            assertThat(best.since()).isEqualTo(2);
            assertThat(best.isBetter(errors(3))).isTrue();
            assertThat(best.best()).isEqualTo(3);
        }
    }

    @Test
    void theFirstModelIsKeptEvenIfItsScoreIsNoNumber() {
        try (var model = model()) {
            var best = best(model, Map.of(), "first.accuracy");
            assertThat(best.isBetter(scores(Double.NaN, 0))).isTrue();
            assertThat(best.isBetter(scores(Double.NaN, 0))).isFalse();
            assertThat(best.isBetter(scores(Double.POSITIVE_INFINITY, 0))).isFalse();
            assertThat(best.since()).isEqualTo(2);
            assertThat(best.isBetter(scores(0, 0))).isTrue();
            assertThat(best.isBetter(scores(Double.NaN, 0))).isFalse();
        }
    }

    @Test
    void theMeanOfNamedScoresSelectsTheBestModel() {
        try (var model = model()) {
            var data = TinyTraining.encode(model, List.of(shared()));
            var metric =
                    new BestMetric(
                            model, Map.of("first", 9.0), "mean(first.accuracy, last.accuracy)");
            metric.requireKnown(data, task -> List.of());
            assertThat(metric.of(scores(0.25, 0.75))).isEqualTo(0.5);
            assertThat(metric.isBetter(0.6, 0.5)).isTrue();
            assertThatThrownBy(
                            () ->
                                    new BestMetric(
                                                    model,
                                                    Map.of(),
                                                    "mean(first.accuracy, last.errors)")
                                            .requireKnown(data, task -> List.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("'last.errors' is an error");
        }
    }

    @Test
    void aMetricMustBeOneThatTheValidationDataGives() {
        try (var model = model()) {
            var weights = Map.<String, Double>of();
            var data = TinyTraining.encode(model, List.of(shared()));
            for (var name : List.of("mean", "joint_accuracy", "first.accuracy", "last.errors")) {
                new BestMetric(model, weights, name).requireKnown(data, task -> List.of());
            }
            assertThatThrownBy(
                            () ->
                                    new BestMetric(model, weights, "last.acuracy")
                                            .requireKnown(data, task -> List.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(
                            "training.best_metric: the validation data gives no metric"
                                    + " 'last.acuracy'; known: mean, joint_accuracy,"
                                    + " first.accuracy, first.errors, last.accuracy, last.errors;"
                                    + " did you mean 'last.accuracy'?");
            // the task is one of the model, but without validation data
            assertThatThrownBy(
                            () ->
                                    new BestMetric(model, weights, "single.accuracy")
                                            .requireKnown(data, task -> List.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("no metric 'single.accuracy'");
            var alone = List.of(new TokenizedDataset("alone", List.of("first"), List.of()));
            assertThatThrownBy(
                            () ->
                                    new BestMetric(model, weights, "joint_accuracy")
                                            .requireKnown(alone, task -> List.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(
                            "no tasks share validation texts; it takes mean or one of"
                                    + " first.accuracy");
        }
    }

    private static Evaluation errors(double first) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        tasks.put("first", Map.of("accuracy", 0.0, "errors", first));
        return new Evaluation(tasks, java.util.OptionalDouble.empty(), 1, new LinkedHashMap<>());
    }

    private static Evaluation scores(double first, double last) {
        var tasks = new LinkedHashMap<String, Map<String, Double>>();
        tasks.put("first", Map.of("accuracy", first, "other", 1.0));
        tasks.put("last", Map.of("accuracy", last));
        return new Evaluation(tasks, java.util.OptionalDouble.empty(), 1, new LinkedHashMap<>());
    }
}
