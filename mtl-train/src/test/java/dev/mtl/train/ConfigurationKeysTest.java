package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.ModelConfig;
import dev.mtl.train.config.OutputConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.training.FreezingConfig;
import dev.mtl.train.config.training.LayersConfig;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.settings.DataSettings;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.settings.FreezingSettings;
import dev.mtl.train.settings.FreezingSettings.Policy;
import dev.mtl.train.settings.ModelSettings;
import dev.mtl.train.settings.OutputSettings;
import dev.mtl.train.settings.Sampling;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.settings.TaskSettings;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;
import dev.mtl.train.settings.TrainingSettings;
import dev.mtl.train.settings.TrainingSettings.LossBalancing;
import dev.mtl.train.settings.TrainingSettings.OnNonFinite;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The keys of a configuration that is built are those of YAML. */
class ConfigurationKeysTest {
    @TempDir private Path folder;

    private static TrainingConfiguration.Builder withTask() {
        return TrainingConfiguration.builder()
                .task("intent", task -> task.head("majority").data(data -> data.train("a.jsonl")));
    }

    @Test
    void hasTheDefaultsOfYaml() throws IOException {
        var file =
                write(
                        "tasks: {intent: {head: majority, data: {train: a.jsonl}}}\n"
                                + "output: {dir: d}");

        assertThat(withTask().output(output -> output.dir("d")).build().toYaml())
                .isEqualTo(TrainingConfiguration.read(file).toYaml());
    }

    /** A key that is added to YAML is added to the builder. */
    @Test
    void everyKeyOfYamlHasAMethodOfItsName() {
        assertMethods(ModelSettings.class, ModelConfig.class);
        assertMethods(TrainingSettings.class, TrainingConfig.class);
        assertMethods(FreezingSettings.class, FreezingConfig.class);
        assertMethods(FreezingSettings.Layers.class, LayersConfig.class);
        assertMethods(OutputSettings.class, OutputConfig.class);
        assertMethods(
                TaskSettings.class,
                TaskConfig.class,
                "name",
                "tagsMarkEntities",
                "masksTexts",
                "targets");
        assertMethods(DataSettings.class, DataConfig.class, "settings");
        for (var format : FormatSettings.defaults()) {
            format.keys().forEach(keys -> assertMethods(DataSettings.class, keys.getClass()));
        }
    }

    @Test
    void everyKeyThatIsSetIsThatOfYaml() throws IOException {
        var file =
                write(
                        """
                        model: {backbone: x/y, pooling: max, normalization: layer_norm, max_length: 77,
                                truncate_dim: 64, prompt: query}
                        tasks:
                          intent:
                            head: majority
                            loss_weight: 0.5
                            head_lr: 0.001
                            on_unknown_label: skip
                            margin: 0.25
                            ties: false
                            data: {format: csv, train: t.csv, validation: v.csv, test: s.csv,
                                   on_bad_row: skip, column: tag, text_columns: [one, two],
                                   separator: ";", columns: [one, two, tag],
                                   label_separator: "|", kind: labels, header: false,
                                   quoting: none, extra_fields: ignore, names: [x, y],
                                   markup: "[label : text]"}
                          spans:
                            head: majority
                            data: {format: jsonl, train: t.jsonl, test_split: 0.25, kind: entities,
                                   span_end: inclusive, offsets: codepoint}
                          topic:
                            head: majority
                            data: {format: conll, train: t.txt, validation_split: 0.25, column: tag,
                                   streaming: true, buffer_size: 5,
                                   text_column: word, separator: tab, columns: [word, tag],
                                   comment: "#"}
                        training:
                          epochs: 7
                          max_steps: 1000
                          batch_size: 3
                          gradient_accumulation_steps: 5
                          base_lr: 0.1
                          layer_lr_decay: 0.2
                          weight_decay: 0.3
                          warmup_ratio: 0.4
                          warmup_steps: 12
                          schedule: polynomial
                          polynomial_power: 2.5
                          max_grad_norm: 0.6
                          adam_beta1: 0.7
                          adam_beta2: 0.8
                          adam_eps: 1.0e-7
                          precision: bf16
                          gradient_checkpointing: true
                          freezing: {policy: layers, layers: {frozen: 1-2, gradual: 3, always: 4-6},
                                     unfreeze_every: 2 epochs, frozen_dropout: true}
                          sampling: round_robin
                          sampling_exponent: 0.9
                          loss_balance: dwa
                          dwa_temperature: 3
                          uncertainty_lr: 0.11
                          evaluate_every: 7 steps
                          best_metric: intent.accuracy
                          early_stopping_patience: 4
                          checkpoint_every: never
                          keep_checkpoints: 9
                          on_non_finite: skip
                          seed: -9223372036854775808
                          seeds: [1, 2]
                          deterministic: false
                          shard_optimizer: true
                          exchange_precision: bf16
                          device: "cuda:3"
                          workers: 8
                        output: {dir: some/where, keep: 2}
                        """);
        var built =
                TrainingConfiguration.builder()
                        .model(
                                model ->
                                        model.backbone("x/y")
                                                .pooling(Pooling.MAX)
                                                .normalization(Normalization.LAYER_NORM)
                                                .maxLength(77)
                                                .truncateDim(64)
                                                .prompt("query"))
                        .task(
                                "intent",
                                task ->
                                        task.head("majority")
                                                .lossWeight(0.5)
                                                .headLr(0.001)
                                                .onUnknownLabel(OnUnknownLabel.SKIP)
                                                .set("margin", 0.25)
                                                .set("ties", false)
                                                .data(
                                                        data ->
                                                                data.format("csv")
                                                                        .train("t.csv")
                                                                        .validation("v.csv")
                                                                        .test("s.csv")
                                                                        .onBadRow(OnBadRow.SKIP)
                                                                        .column("tag")
                                                                        .textColumns("one", "two")
                                                                        .separator(";")
                                                                        .columns(
                                                                                "one", "two", "tag")
                                                                        .labelSeparator("|")
                                                                        .kind(Kind.LABELS)
                                                                        .header(false)
                                                                        .quoting("none")
                                                                        .extraFields("ignore")
                                                                        .names("x", "y")
                                                                        .markup("[label : text]")))
                        .task(
                                "spans",
                                task ->
                                        task.head("majority")
                                                .data(
                                                        data ->
                                                                data.format("jsonl")
                                                                        .train("t.jsonl")
                                                                        .testSplit(0.25)
                                                                        .kind(Kind.ENTITIES)
                                                                        .spanEnd("inclusive")
                                                                        .offsets("codepoint")))
                        .task(
                                "topic",
                                task ->
                                        task.head("majority")
                                                .data(
                                                        data ->
                                                                data.format("conll")
                                                                        .train(Path.of("t.txt"))
                                                                        .streaming(true)
                                                                        .bufferSize(5)
                                                                        .validationSplit(0.25)
                                                                        .column("tag")
                                                                        .textColumn("word")
                                                                        .separator("tab")
                                                                        .columns("word", "tag")
                                                                        .comment("#")))
                        .training(
                                training ->
                                        training.epochs(7)
                                                .maxSteps(1000)
                                                .batchSize(3)
                                                .gradientAccumulationSteps(5)
                                                .baseLr(0.1)
                                                .layerLrDecay(0.2)
                                                .weightDecay(0.3)
                                                .warmupRatio(0.4)
                                                .warmupSteps(12)
                                                .schedule(Schedule.POLYNOMIAL)
                                                .polynomialPower(2.5)
                                                .maxGradNorm(0.6)
                                                .adamBeta1(0.7)
                                                .adamBeta2(0.8)
                                                .adamEps(1e-7)
                                                .precision(Precision.BF16)
                                                .gradientCheckpointing(true)
                                                .freezing(
                                                        freezing ->
                                                                freezing.policy(Policy.LAYERS)
                                                                        .layers(
                                                                                layers ->
                                                                                        layers.frozen(
                                                                                                        "1-2")
                                                                                                .gradual(
                                                                                                        "3")
                                                                                                .always(
                                                                                                        "4-6"))
                                                                        .unfreezeEvery("2 epochs")
                                                                        .frozenDropout(true))
                                                .sampling(Sampling.ROUND_ROBIN)
                                                .samplingExponent(0.9)
                                                .lossBalance(LossBalancing.DWA)
                                                .dwaTemperature(3)
                                                .uncertaintyLr(0.11)
                                                .evaluateEvery("7 steps")
                                                .bestMetric("intent.accuracy")
                                                .earlyStoppingPatience(4)
                                                .checkpointEvery("never")
                                                .keepCheckpoints(9)
                                                .onNonFinite(OnNonFinite.SKIP)
                                                .seed(Long.MIN_VALUE)
                                                .seeds(1, 2)
                                                .deterministic(false)
                                                .shardOptimizer(true)
                                                .exchangePrecision(Precision.BF16)
                                                .device("cuda:3")
                                                .workers(8))
                        .output(output -> output.dir(Path.of("some/where")).keep(2))
                        .build();
        var read = TrainingConfiguration.read(file);

        assertThat(built.toYaml()).isEqualTo(read.toYaml());
        assertThat(built.config()).isEqualTo(read.config());
    }

    @Test
    void whatItPrintsIsReadAsTheSameConfiguration() throws IOException {
        var built =
                withTask()
                        .training(
                                training -> training.freezing(freezing -> freezing.heads("intent")))
                        .build();

        assertThat(TrainingConfiguration.read(write(built.toYaml())).config())
                .isEqualTo(built.config());
    }

    private static void assertMethods(Class<?> section, Class<?> keys, String... without) {
        var methods = Arrays.stream(section.getMethods()).map(Method::getName).toList();
        assertThat(Arrays.stream(keys.getRecordComponents()).map(RecordComponent::getName))
                .filteredOn(key -> !List.of(without).contains(key))
                .isNotEmpty()
                .isSubsetOf(methods);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("x.yaml"), yaml);
    }
}
