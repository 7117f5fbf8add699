package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code class_weights: balanced}, from YAML to the saved model. */
class BalancedWeightsTest {
    @TempDir private Path folder;

    @Test
    void aTrainedModelHasTheWeightsThatBalanceItsTrainingData() throws IOException {
        Files.writeString(
                folder.resolve("x.csv"),
                "text,label\n" + "a b,no\n".repeat(9) + "c,yes\n".repeat(3));
        Files.writeString(folder.resolve("x.conll"), "a O\nb O\nc B-x\n\n".repeat(4));
        var model = folder.resolve("model");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        intent: {head: classification, class_weights: balanced, data: {format: csv, train: "%1$s/x.csv"}}
                        slots: {head: token-classification, class_weights: balanced, data: {format: conll, train: "%1$s/x.conll"}}
                        """
                                .formatted(folder),
                        "max_steps: 2",
                        model);

        var printed =
                Call.mtl(folder.resolve("cache"), "train", config.toString(), "--print-config");
        var training = Call.mtl(folder.resolve("cache"), "train", config.toString());

        assertThat(printed.out()).as(printed.err()).contains("class_weights: \"balanced\"");
        assertThat(training.code()).as(training.err()).isZero();
        var head = model.resolve("heads/intent/head.json").toFile();
        var weights = new JsonMapper().readTree(head).at("/settings/class_weights");
        assertThat(weights.at("/no").asDouble()).isCloseTo(12 / (2 * 9.0), within(1e-12));
        assertThat(weights.at("/yes").asDouble()).isCloseTo(12 / (2 * 3.0), within(1e-12));
        var tags = model.resolve("heads/slots/head.json").toFile();
        assertThat(new JsonMapper().readTree(tags).at("/settings/class_weights/B-x").asDouble())
                .isCloseTo(12 / (2 * 4.0), within(1e-12));
    }

    @Test
    void anotherWordIsRefusedWithWhatThereIs() throws IOException {
        var config =
                ToyTask.configuration(
                        folder,
                        "intent: {head: classification, class_weights: equal, data: {format: csv,"
                                + " train: x.csv}}\n",
                        "max_steps: 2",
                        folder.resolve("model"));

        var training = Call.mtl(folder.resolve("cache"), "train", config.toString());

        assertThat(training.code()).isEqualTo(2);
        assertThat(training.err())
                .contains("intent.class_weights")
                .contains("takes {label: weight} or balanced, not 'equal'");
    }
}
