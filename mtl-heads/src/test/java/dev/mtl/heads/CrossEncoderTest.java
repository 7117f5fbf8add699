package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.classification.ClassificationProvider;
import dev.mtl.heads.classification.PairClassificationProvider;
import dev.mtl.heads.classification.Reject;
import dev.mtl.heads.regression.PairRegressionProvider;
import dev.mtl.heads.regression.RegressionProvider;
import dev.mtl.heads.regression.RegressionProvider.Loss;
import dev.mtl.torch.Device;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Cross-encoders that sentence-transformers saved (golden_cross_encoder.py). */
class CrossEncoderTest {
    /** FLOAT32 on both sides. */
    private static final double TOLERANCE = 2e-6;

    @TempDir private Path folder;

    private static MultiTaskModel model(ModelDirectory backbone, Task task) {
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put(task.name(), task);
        return ModelFiles.create(backbone, Readout.MEAN, 40, tasks, Device.CPU);
    }

    /** One logit, whose sigmoid is the score. */
    private static Task score(Loss loss) {
        return Task.create(
                "pair",
                new PairRegressionProvider(),
                new RegressionProvider.Settings(0.1, loss, 1, Pooler.TANH),
                List.of("1"),
                TinyModel.HIDDEN);
    }

    private static Task label(String... labels) {
        return Task.create(
                "pair",
                new PairClassificationProvider(),
                new ClassificationProvider.Settings(
                        0.1, 0, ClassWeights.none(), false, null, Reject.NONE, 0, Pooler.TANH),
                List.of(labels),
                TinyModel.HIDDEN);
    }

    private static List<Prediction> predict(MultiTaskModel model, JsonNode pairs) {
        var examples = new ArrayList<List<PreTokenizedText>>();
        for (var pair : pairs) {
            examples.add(
                    List.of(
                            PreTokenizedText.of(pair.get(0).asText()),
                            PreTokenizedText.of(pair.get(1).asText())));
        }
        try (var predictor = new Predictor(model)) {
            return predictor.predict(examples, List.of("pair")).stream()
                    .map(answer -> Objects.requireNonNull(answer.get("pair")))
                    .toList();
        }
    }

    private void assertScores(MultiTaskModel model) {
        var expected = Golden.doubles(CrossEncoderFiles.expected().path("scores"));
        var said = predict(model, CrossEncoderFiles.expected().path("pairs"));
        for (int i = 0; i < expected.length; i++) {
            assertThat(((ValuePrediction) said.get(i)).values().getFirst())
                    .as("pair %d", i)
                    .isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    @Test
    void scoresAreThoseOfSentenceTransformersBeforeAndAfterSaving() {
        var saved = folder.resolve("saved");
        try (var model = model(CrossEncoderFiles.model("score"), score(Loss.BINARY))) {
            assertScores(model);
            ModelWriter.save(model, CrossEncoderFiles.model("score"), saved, Map.of());
        }
        try (var model =
                ModelFiles.loadForInference(
                        saved, HeadRegistry.load(), Device.CPU, Precision.FP32)) {
            assertScores(model);
        }
    }

    @Test
    void labelsHaveTheProbabilitiesOfSentenceTransformersInWhateverOrder() {
        var expected = Golden.rows(CrossEncoderFiles.expected().path("probabilities"), 3);
        var ofCheckpoint = List.of("yes", "no", "perhaps");
        try (var model = model(CrossEncoderFiles.model("label"), label("no", "perhaps", "yes"))) {
            var said = predict(model, CrossEncoderFiles.expected().path("pairs"));
            for (int i = 0; i < expected.size(); i++) {
                for (var label : ((LabelPrediction) said.get(i)).labels()) {
                    double wanted = expected.get(i)[ofCheckpoint.indexOf(label.name())];
                    assertThat(label.score())
                            .as("pair %d, %s", i, label.name())
                            .isCloseTo(wanted, within(TOLERANCE));
                }
            }
        }
    }

    @Test
    void aClassifierOfOtherLabelsIsNotTakenOver() {
        var backbone = CrossEncoderFiles.model("label");
        try (var model = model(backbone, label("a", "b", "c"))) {
            var weight = model.parameters().get("heads.pair.weight").toFloats();
            // drawn within 1 / sqrt(32), the checkpoint's have a standard deviation of 0.4
            for (float value : weight) {
                assertThat(Math.abs(value)).isLessThan(0.18f);
            }
        }
    }
}
