package dev.mtl.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.encoder.Normalization;
import dev.mtl.core.encoder.Pooling;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.DataConfig.OnBadRow;
import dev.mtl.train.optim.Schedule;

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

    private static RunConfig config(String directory, TrainingConfig training) {
        var tasks = new LinkedHashMap<String, TaskConfig>();
        var settings = HeadRegistry.load().provider("majority").defaults();
        // Not in alphabetical order: the order of the file is that of the heads.
        for (var name : List.of("zeta", "alpha", "true", "12", "on-off_2")) {
            var data =
                    new DataConfig(
                            "jointbert",
                            directory,
                            name.equals("zeta") ? null : "v",
                            name.equals("alpha") ? null : "t",
                            "seq.out",
                            OnBadRow.SKIP);
            tasks.put(name, new TaskConfig(name, "majority", 0.1 + tasks.size(), data, settings));
        }
        return new RunConfig(
                new ModelConfig(directory, Pooling.MAX, Normalization.L2, 77),
                tasks,
                training,
                new OutputConfig(directory));
    }

    @Test
    void noValueIsLostWhereNoneIsADefault() throws IOException {
        var training =
                new TrainingConfig(
                        7,
                        1_000_000,
                        3,
                        5,
                        1.0 / 3,
                        1e-9,
                        0,
                        0.999999,
                        12,
                        Schedule.COSINE,
                        1e15,
                        0,
                        0.5,
                        Double.MIN_VALUE,
                        new FreezingConfig(FreezingConfig.Policy.HEADS, List.of("alpha", "true")),
                        Long.MIN_VALUE,
                        "cuda:3",
                        9);
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
