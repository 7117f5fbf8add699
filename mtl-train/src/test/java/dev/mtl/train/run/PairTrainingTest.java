package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.testing.MajorityProvider;
import dev.mtl.train.testing.RelationHead;
import dev.mtl.train.testing.RelationHead.Related;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Heads that read two texts together, from data to predictions. */
@ExtendWith(LeavesNoTensorBehind.class)
class PairTrainingTest {
    private static final List<String> LABELS = List.of("different", "same");
    private static final List<String> COLOURS = List.of("blue", "red", "green");

    @TempDir private Path folder;

    private static Task task(String name, HeadInput... inputs) {
        var head =
                new RelationHead(new HeadContext(name, TinyModel.HIDDEN, LABELS), Set.of(inputs));
        return new Task(name, "relation", new MajorityProvider.Settings(0, true), LABELS, head);
    }

    private MultiTaskModel model(Task... all) {
        var tasks = new LinkedHashMap<String, Task>();
        for (var task : all) {
            tasks.put(task.name(), task);
        }
        var backbone = TinyModel.write(folder.resolve("backbone"), 1, 0);
        try (var _ = RandomStream.open(7)) {
            return ModelFiles.create(backbone, Readout.MEAN, 40, tasks, Device.CPU);
        }
    }

    private static PreTokenizedText text(String text) {
        return PreTokenizedText.of(text);
    }

    /** Whether two texts have the same colour, which neither shows alone. */
    private static Dataset data(String... tasks) {
        var examples = new ArrayList<Example>();
        for (int i = 0; i < 36; i++) {
            var colour = COLOURS.get(i % 3);
            boolean same = i / 3 % 2 == 0;
            var other = same ? colour : COLOURS.get((i + 1 + i / 6 % 2) % 3);
            var first = text((i % 4 == 0 ? "the " : "") + "book " + colour);
            var second = text("play " + other + (i % 5 == 0 ? " song" : ""));
            var targets = new LinkedHashMap<String, Target>();
            for (var task : tasks) {
                targets.put(task, new Target.Category(same ? "same" : "different"));
            }
            examples.add(new Example(i + 1, List.of(first, second), targets));
        }
        return new Dataset("pairs", List.of(tasks), examples);
    }

    private record Trained(TinyRuns.Recorder heard, Map<String, float[]> weights) {
        double firstLoss() {
            return heard.steps.getFirst().loss();
        }
    }

    private Trained train(MultiTaskModel model, int steps, String more, String... tasks) {
        var recorder = new TinyRuns.Recorder();
        var data = TinyTraining.encode(model, List.of(data(tasks)));
        try (var workers = new Workers("test", 2);
                var trainer =
                        new Trainer(
                                model,
                                List.of(),
                                TinyRuns.config(steps, more),
                                data,
                                data,
                                workers,
                                Collective.alone(),
                                recorder,
                                _ -> {})) {
            trainer.train();
        }
        var weights = new LinkedHashMap<String, float[]>();
        for (var name : model.parameters().names()) {
            weights.put(name, model.parameters().get(name).toFloats());
        }
        return new Trained(recorder, weights);
    }

    private static List<Related> predict(MultiTaskModel model, String task, String... texts) {
        var examples = new ArrayList<List<PreTokenizedText>>();
        for (int i = 0; i < texts.length; i += 2) {
            examples.add(List.of(text(texts[i]), text(texts[i + 1])));
        }
        try (var predictor = new Predictor(model)) {
            return predictor.predict(examples, List.of(task)).stream()
                    .map(said -> (Related) said.get(task))
                    .toList();
        }
    }

    @Test
    void learnsARelationThatNeitherTextShowsAlone() {
        try (var model = model(task("relation", HeadInput.PAIR))) {
            var trained = train(model, 150, "", "relation");
            assertThat(trained.heard().evaluations.getLast().evaluation().tasks().get("relation"))
                    .containsEntry("accuracy", 1.0);
            assertThat(
                            predict(
                                    model,
                                    "relation",
                                    "book green",
                                    "play green",
                                    "book green",
                                    "play blue"))
                    .extracting(Related::label)
                    .containsExactly("same", "different");
        }
    }

    @Test
    void theModelReadsBothTextsInOneSequenceWithTheirSegments() {
        try (var model = model(task("relation", HeadInput.PAIR))) {
            var said = predict(model, "relation", "book blue", "play the red song").getFirst();

            var joined =
                    TokenizedPair.of(
                                    model.tokenizer().tokenize(text("book blue")),
                                    model.tokenizer().tokenize(text("play the red song")))
                            .encoding();
            assertThat(joined.typeIds()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 1);
            assertThat(said.logits()).isEqualTo(logits(model, joined));
            var oneText = model.tokenizer().encode("book blue play the red song");
            assertThat(logits(model, oneText)).isNotEqualTo(said.logits());
        }
    }

    private static List<Float> logits(
            MultiTaskModel model, dev.mtl.core.tokenizer.Encoding encoding) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var tokens = model.pad(List.of(encoding));
            var hidden = model.encoder().forward(tokens);
            var embedding = model.readout().apply(model.parameters(), hidden, tokens);
            var head = model.parameters().in("heads.relation");
            var logits = new ArrayList<Float>();
            for (float logit : embedding.linear(head.get("weight"), head.get("bias")).toFloats()) {
                logits.add(logit);
            }
            return logits;
        }
    }

    @Test
    void theOrderOfTheTextsAndTheOthersOfABatchAreSeenApart() {
        try (var model = model(task("relation", HeadInput.PAIR))) {
            var together =
                    predict(
                            model,
                            "relation",
                            "book blue",
                            "play red",
                            "play red",
                            "book blue",
                            "the book is blue in paris on monday",
                            "what is the weather");
            var alone = predict(model, "relation", "book blue", "play red").getFirst();
            assertThat(together.get(1).logits()).isNotEqualTo(together.get(0).logits());
            for (int i = 0; i < 2; i++) {
                assertThat(together.getFirst().logits().get(i))
                        .isCloseTo(alone.logits().get(i), within(1e-5f));
            }
        }
    }

    @Test
    void oneHeadReadsThePairAndTheSentences() {
        try (var model = model(task("both", HeadInput.PAIR, HeadInput.SENTENCES))) {
            var trained = train(model, 60, "", "both");
            assertThat(trained.heard().steps.getLast().loss()).isLessThan(trained.firstLoss());
        }
    }

    @Test
    void oneDatasetServesHeadsOfPairsAndOfSingleTexts() {
        try (var model =
                model(task("together", HeadInput.PAIR), task("apart", HeadInput.SENTENCES))) {
            var trained = train(model, 4, "", "together", "apart");
            assertThat(trained.heard().steps.getFirst().taskLosses())
                    .containsOnlyKeys("together", "apart");
        }
    }

    @Test
    void layersThatAreComputedAgainGiveTheSameWeights() {
        try (var plain = model(task("both", HeadInput.PAIR, HeadInput.SENTENCES));
                var again = model(task("both", HeadInput.PAIR, HeadInput.SENTENCES))) {
            var expected = train(plain, 4, "", "both").weights();
            var actual = train(again, 4, ", gradient_checkpointing: true", "both").weights();
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            expected.forEach(
                    (name, values) ->
                            assertThat(actual.get(name)).as(name).containsExactly(values));
        }
    }

    @Test
    void aFrozenBackboneTrainsOnTheKeptEmbeddingsOfPairs() {
        var frozen = ", freezing: {policy: backbone}";
        try (var trains = model(task("both", HeadInput.PAIR, HeadInput.SENTENCES));
                var keeps = model(task("both", HeadInput.PAIR, HeadInput.SENTENCES))) {
            var expected = train(trains, 1, "", "both");
            var kept = train(keeps, 1, frozen, "both");
            assertThat(kept.heard().notes).anyMatch(note -> note.contains("features"));
            assertThat(kept.firstLoss()).isCloseTo(expected.firstLoss(), within(1e-5));
        }
    }
}
