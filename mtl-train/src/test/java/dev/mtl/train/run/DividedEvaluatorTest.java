package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.InferenceListener;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.testing.ThreadProcesses;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Predictions of a tiny model with a head of sentences and one of words. */
@Timeout(60)
@ExtendWith(LeavesNoTensorBehind.class)
class DividedEvaluatorTest {
    private final ModelDirectory backbone;

    DividedEvaluatorTest(@TempDir Path folder) {
        backbone = TinyModel.write(folder, 1, 0.1);
    }

    /** Texts that fit the model's input, some that do not, and a data set of one example. */
    private static List<Dataset> data() {
        var texts = TinyTraining.data(150, 3);
        var examples = new ArrayList<>(texts.examples());
        var words = new ArrayList<String>();
        texts.examples()
                .forEach(own -> words.addAll(List.of(own.texts().getFirst().text().split(" "))));
        var side = Objects.requireNonNull(texts.examples().getFirst().targets().get("side"));
        for (int size : new int[] {100, 60, 200}) {
            examples.add(
                    new Example(
                            size,
                            "long:" + size,
                            List.of(PreTokenizedText.ofWords(words.subList(0, size))),
                            Map.of("side", side)));
        }
        return List.of(
                new Dataset("texts", texts.tasks(), examples),
                new Dataset("one", texts.tasks(), texts.examples().subList(0, 1)));
    }

    private List<List<String>> predict(Collective processes) {
        try (var model = TinyTraining.model(backbone, 0.1);
                var workers = new Workers("test", 1 + processes.rank())) {
            var data = TinyTraining.encode(model, data());
            var evaluator = new DividedEvaluator(model, workers, processes);
            return texts(evaluator.predict(data));
        }
    }

    private static List<List<String>> texts(Optional<ScoredData> predicted) {
        return predicted.map(ScoredData::parts).orElse(List.of()).stream()
                .map(
                        part ->
                                part.predictions().stream()
                                        .flatMap(of -> of.values().stream())
                                        .map(each -> each.toJson().toString())
                                        .toList())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void processZeroHasThePredictionsOfOneProcessBitForBit(int processes) {
        List<List<String>> expected;
        try (var model = TinyTraining.model(backbone, 0.1)) {
            var data = TinyTraining.encode(model, data());
            var one = new Evaluator(model, 2).predict(data, new InferenceListener() {});
            expected = texts(Optional.of(one));
        }
        assertThat(expected).hasSize(2);
        var actual = ThreadProcesses.run(processes, this::predict);
        assertThat(actual.getFirst()).isEqualTo(expected);
        assertThat(actual.subList(1, processes))
                .isEqualTo(Collections.nCopies(processes - 1, List.of()));
    }
}
