package dev.mtl.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.train.settings.FreezingSettings.Policy;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.testing.MajorityProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class ConfigLoaderTest {
    private static final String TASKS =
            """
            tasks:
              intent:
                head: majority
                margin: 0.5
                data: {train: a/train, validation: "${DATA:-b}/dev"}
            """;

    @TempDir private Path folder;

    private RunConfig load(String text, String... sets) throws IOException {
        var file = folder.resolve("x.yaml");
        Files.writeString(file, text);
        return ConfigLoader.load(
                file, Map.of("HOME_OF_DATA", "/d"), List.of(sets), HeadRegistry.load());
    }

    private void rejects(String text, String... messages) {
        assertThatThrownBy(() -> load(text))
                .isInstanceOf(ConfigurationException.class)
                .satisfies(
                        e -> {
                            for (var message : messages) {
                                assertThat(e).hasMessageContaining(folder + "/x.yaml" + message);
                            }
                        });
    }

    @Test
    void readsWhatIsThereAndFillsInTheRest() throws IOException {
        var config =
                load(
                        """
                        model: {backbone: bert-base-uncased, pooling: cls, normalization: layer_norm}
                        """
                                + TASKS
                                + """
                                training:
                                  base_lr: 3e-4
                                  schedule: cosine
                                  epochs: 7
                                """);
        assertThat(config.model())
                .isEqualTo(
                        new ModelConfig(
                                "bert-base-uncased",
                                null,
                                Pooling.CLS,
                                Normalization.LAYER_NORM,
                                null,
                                128,
                                null));
        assertThat(config.training().baseLr()).isEqualTo(3e-4);
        assertThat(config.training().schedule()).isEqualTo(Schedule.COSINE);
        assertThat(config.training().epochs()).isEqualTo(7);
        assertThat(config.training().batchSize()).isEqualTo(16);
        var task = java.util.Objects.requireNonNull(config.tasks().get("intent"));
        assertThat(task.settings()).isEqualTo(new MajorityProvider.Settings(0.5, true));
        assertThat(task.data().validation()).isEqualTo("b/dev");
    }

    @Test
    void namesAnUnknownHeadWithTheNearest() {
        rejects(
                TASKS.replace("head: majority", "head: majorty"),
                ":3: tasks.intent.head: no head 'majorty'; known: majority; did you mean"
                        + " 'majority'?");
    }

    @Test
    void namesAnUnknownKeyWithTheNearest() {
        rejects(
                TASKS + "training:\n  epochz: 3\n",
                ":7: training.epochz: no such key; known: epochs, ");
        rejects(TASKS + "training:\n  epochz: 3\n", "");
        rejects(
                TASKS + "trainin: {}\n",
                ":6: trainin: no such key; known: model, tasks, training, output; did you mean"
                        + " 'training'?");
        rejects(
                TASKS.replace("margin", "margn"),
                ":4: tasks.intent.margn: no such key; known: margin, ties; did you mean 'margin'?");
    }

    @Test
    void namesValuesOfTheWrongTypeOrOutOfRange() {
        rejects(
                TASKS + "training: {epochs: many}\n",
                ":6: training.epochs: takes an integer, not 'many'");
        rejects(
                TASKS + "training: {epochs: 1.5}\n",
                ":6: training.epochs: takes an integer, not '1.5'");
        rejects(
                TASKS + "training: {batch_size: 0}\n",
                ":6: training: batch_size is 0, it must be at least 1");
        rejects(
                TASKS + "model: {pooling: average}\n",
                ":6: model.pooling: no 'average'; known: mean, cls, max");
        rejects(TASKS + "training: {device: gpu}\n", ":6: training: no device 'gpu'");
        rejects(TASKS.replace("0.5", "2"), ":4: tasks.intent: margin is 2.0, it must be at most 1");
        rejects(TASKS + "model: 3\n", ":6: model: takes a mapping, not '3'");
    }

    @Test
    void namesAllMistakesAtOnce() {
        rejects(
                TASKS.replace("majority", "x") + "training: {epochs: no, seed: yes}\n",
                ":3: tasks.intent.head",
                ":6: training.epochs",
                ":6: training.seed");
    }

    @Test
    void namesWhatIsMissing() {
        rejects("model: {}\n", ":1: tasks: at least one task is needed");
        rejects(
                "tasks: {a: {data: {train: x}}}\n",
                ":1: tasks.a.head: is missing; known: majority");
        rejects("tasks: {a: {head: majority}}\n", ":1: tasks.a.data: is missing");
        rejects(
                "tasks: {a: {head: majority, data: {column: label}}}\n",
                ":1: tasks.a.data.train: is missing");
        rejects("", ": is empty");
        assertThatThrownBy(
                        () ->
                                ConfigLoader.load(
                                        folder.resolve("none.yaml"),
                                        Map.of(),
                                        List.of(),
                                        HeadRegistry.load()))
                .hasMessage(folder.resolve("none.yaml") + ": no such file");
    }

    @Test
    void namesLineAndColumnOfWhatIsNotYaml() {
        rejects("tasks: {a: [}\n", ":1:13: is not YAML");
        rejects(TASKS + "tasks: {}\n", ":6: tasks: is a duplicate key");
    }

    @Test
    void variablesComeFromTheEnvironment() throws IOException {
        var config = load(TASKS.replace("a/train", "\"${HOME_OF_DATA}/train\""));
        assertThat(java.util.Objects.requireNonNull(config.tasks().get("intent")).data().train())
                .isEqualTo("/d/train");
        rejects(
                TASKS.replace("a/train", "\"${NOT_SET}/train\""),
                ":5: the environment variable NOT_SET is not set");
    }

    @Test
    void optionsChangeAndAddKeys() throws IOException {
        var config =
                load(
                        TASKS,
                        "training.epochs=9",
                        "training.freezing={policy: heads, heads: [intent]}",
                        "output.dir=elsewhere",
                        "tasks.intent.loss_weight=0.25");
        assertThat(config.training().epochs()).isEqualTo(9);
        assertThat(config.training().freezing())
                .isEqualTo(TestConfigs.freezing("{policy: heads, heads: [intent]}"));
        assertThat(config.output().dir()).isEqualTo("elsewhere");
        assertThat(java.util.Objects.requireNonNull(config.tasks().get("intent")).lossWeight())
                .isEqualTo(0.25);
        assertThatThrownBy(() -> load(TASKS, "training.epochz=3"))
                .hasMessageContaining("--set training.epochz: training.epochz: no such key");
        assertThatThrownBy(() -> load(TASKS, "training"))
                .hasMessageContaining("--set training: takes path=value");
        assertThatThrownBy(() -> load(TASKS, "tasks.intent.head.x=1"))
                .hasMessageContaining("'head' is 'majority', it has no keys");
    }

    @Test
    void frozenHeadsMustBeTasks() {
        assertThatThrownBy(() -> load(TASKS, "training.freezing={policy: heads, heads: [intend]}"))
                .hasMessageContaining(
                        "training.freezing.heads: no task 'intend'; known: intent; did you mean"
                                + " 'intent'?");
        assertThatThrownBy(() -> load(TASKS, "training.freezing={policy: heads}"))
                .hasMessageContaining("needs the names of tasks");
    }

    @Test
    void whatIsPrintedIsReadAsTheSameConfiguration() throws IOException {
        var config =
                load(
                        TASKS + "training: {max_steps: 12, freezing: {policy: backbone}}\n",
                        "output.dir=\"a \\\"b\\\" \\\\ c\"");
        var printed = ConfigPrinter.print(config);
        assertThat(printed).contains("layer_lr_decay: 0.95").contains("# each lower layer's rate");
        assertThat(load(printed)).isEqualTo(config);
    }

    @Test
    void aFreezingPolicyFollowsFromWhatItNeeds() throws IOException {
        var heads = load(TASKS, "training.freezing={heads: [intent]}");
        assertThat(heads.training().freezing().policy()).isEqualTo(Policy.HEADS);
        var layers = load(TASKS, "training.freezing={layers: {frozen: 1-4, always: 5-12}}");
        assertThat(layers.training().freezing().policy()).isEqualTo(Policy.LAYERS);
        assertThat(layers.training().freezing().layers().gradualRange().count()).isZero();
        assertThatThrownBy(() -> load(TASKS, "training.freezing={policy: layers}"))
                .hasMessageContaining("needs ranges of layers");
        assertThatThrownBy(() -> load(TASKS, "training.freezing={layers: {frozen: 4-1}}"))
                .hasMessageContaining("frozen is '4-1', it takes a range of layers");
        assertThatThrownBy(
                        () ->
                                load(
                                        TASKS,
                                        "training.freezing={layers: {always: 1-2}, unfreeze_every:"
                                                + " sometimes}"))
                .hasMessageContaining("unfreeze_every is 'sometimes'");
    }

    @Test
    void theBestModelIsChosenByAMetricThatThereIs() throws IOException {
        assertThat(load(TASKS, "training.best_metric=intent.accuracy").training().bestMetric())
                .isEqualTo("intent.accuracy");
        assertThat(
                        load(TASKS, "training.best_metric=mean(intent.accuracy, intent.macro_f1)")
                                .training()
                                .bestMetric())
                .isEqualTo("mean(intent.accuracy, intent.macro_f1)");
        assertThatThrownBy(() -> load(TASKS, "training.best_metric=mean(intent.accuracy, nlu.f1)"))
                .hasMessageContaining("or mean(TASK.SCORE, ...); tasks: intent");
        assertThatThrownBy(() -> load(TASKS, "training.best_metric=f1"))
                .hasMessageContaining("training.best_metric: no metric 'f1'; it takes mean,");
    }
}
