package dev.mtl.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.config.yaml.RecordBinder;
import dev.mtl.train.format.settings.ConllSettings;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.format.settings.JointBertSettings;
import dev.mtl.train.format.settings.ObjectSettings;
import dev.mtl.train.format.settings.TableSettings;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is printed is read again as the same configuration. */
class ConfigPrinterTest {
    @TempDir private Path folder;

    private RunConfig read(String text) throws IOException {
        var file = folder.resolve("printed.yaml");
        Files.writeString(file, text);
        return ConfigLoader.load(file, Map.of(), List.of(), HeadRegistry.load());
    }

    /** No value is a default. */
    private static FormatSettings settings(String task) {
        return switch (task) {
            case "zeta" ->
                    new TableSettings.Csv(
                            "tag",
                            "text",
                            List.of("one", "two"),
                            ";",
                            false,
                            List.of("one", "two", "tag"),
                            "none",
                            "ignore",
                            "|",
                            Kind.LABELS,
                            List.of("x", "y"),
                            "[label : text]");
            case "alpha" ->
                    new TableSettings.Tsv(
                            "stars",
                            "review",
                            List.of(),
                            false,
                            List.of("review", "stars"),
                            "none",
                            "ignore",
                            "|",
                            Kind.VALUE,
                            List.of(),
                            "[label : text]");
            case "true" ->
                    ObjectSettings.JSON_LINES.withKeys(
                            List.of(
                                    new ObjectSettings.Common(
                                            "tag",
                                            "text",
                                            List.of("one", "two"),
                                            Kind.ENTITIES,
                                            List.of("x", "y"),
                                            "<label>text</label>",
                                            "inclusive",
                                            "codepoint")));
            case "12" -> new JointBertSettings("seq.out");
            default -> new ConllSettings("tag", "word", "tab", List.of("word", "tag"), "#");
        };
    }

    private static RunConfig config(String directory, TrainingConfig training) {
        var tasks = new LinkedHashMap<String, TaskConfig>();
        var settings = HeadRegistry.load().provider("majority").defaults();
        // Not in alphabetical order: the order of the file is that of the heads.
        for (var name : List.of("zeta", "alpha", "true", "12", "on-off_2")) {
            var data =
                    new DataConfig(
                            directory,
                            name.equals("zeta") ? null : "v",
                            name.equals("alpha") ? null : "t",
                            name.equals("zeta") ? 0.25 : 0,
                            name.equals("alpha") ? 0.25 : 0,
                            true,
                            77,
                            new RetrievalConfig("q", "c", "r", List.of("1", "5")),
                            settings(name),
                            OnBadRow.SKIP);
            tasks.put(
                    name,
                    new TaskConfig(
                            name,
                            "majority",
                            0.1 + tasks.size(),
                            tasks.isEmpty() ? 1e-3 : null,
                            tasks.isEmpty() ? LayerMix.ALL : new LayerMix(false, List.of(0, 2)),
                            OnUnknownLabel.SKIP,
                            data,
                            true,
                            false,
                            null,
                            settings));
        }
        return new RunConfig(
                new ModelConfig(
                        directory, directory, Pooling.MAX, Normalization.L2, 64, 77, "query"),
                tasks,
                training,
                new OutputConfig(directory, 2));
    }

    @Test
    void noValueIsLostWhereNoneIsADefault() throws IOException {
        var training =
                TestConfigs.training(
                        """
                        {epochs: 7, max_steps: 1000000, batch_size: 3, base_lr: 0.3333333333333333,
                         layer_lr_decay: 1.0e-9, weight_decay: 0, warmup_ratio: 0.999999,
                         warmup_steps: 12, schedule: polynomial, polynomial_power: 2.5,
                         max_grad_norm: 1.0e+15, adam_beta1: 0, adam_beta2: 0.5, adam_eps: 4.9e-324,
                         precision: bf16, gradient_checkpointing: true,
                         freezing: {policy: layers, layers: {frozen: 1-2, gradual: 3, always: 4-6},
                                    unfreeze_every: 2 epochs, frozen_dropout: true},
                         sampling: temperature, sampling_exponent: 0.25, loss_balance: dwa,
                         dwa_temperature: 3, uncertainty_lr: 0.5, evaluate_every: 7 steps,
                         best_metric: joint_accuracy, early_stopping_patience: 4,
                         checkpoint_every: never, keep_checkpoints: 9, on_non_finite: skip,
                         seed: -9223372036854775808, deterministic: false, device: "cuda:3",
                         shard_optimizer: true, exchange_precision: bf16,
                         gradient_accumulation_steps: 5, workers: 9}\
                        """);
        var config = config("d", training);
        var again = read(ConfigPrinter.print(config));
        assertThat(again).isEqualTo(config);
        assertThat(again.tasks().keySet())
                .containsExactlyElementsOf(List.copyOf(config.tasks().keySet()));
    }

    @Test
    void defaultsAreWrittenOutWithTheirMeaning() throws IOException {
        var config = config("d", TrainingConfig.DEFAULTS);
        var printed = ConfigPrinter.print(config);
        assertThat(read(printed)).isEqualTo(config);
        for (var component : TrainingConfig.class.getRecordComponents()) {
            assertThat(printed).contains("  " + RecordBinder.snakeCase(component.getName()) + ":");
        }
        assertThat(printed)
                .contains("  warmup_steps: null")
                .containsPattern("  base_lr: 5\\.0E-5 +# learning rate of the heads\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "with space",
                " at both ends ",
                "a\"b\\c",
                "C:\\models\\new",
                "two\nlines",
                "tab\there",
                "bell\u0007 next\u0085 separator\u2028",
                "größe 模型 \uD83D\uDE00",
                "# no comment",
                "key: value",
                "null",
                "5e-5",
                "{a, b}",
                "50%s",
                "$HOME"
            })
    void stringsComeBackAsTheyWere(String directory) throws IOException {
        var config = config(directory, TrainingConfig.DEFAULTS);
        assertThat(read(ConfigPrinter.print(config))).isEqualTo(config);
    }
}
