package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.ConfigPrinter;
import dev.mtl.train.config.RunConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The configurations that the repository brings, with the heads that ship. */
class ConfigFilesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir private Path folder;

    static List<Path> configurations() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("config"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    private static RunConfig load(Path file) {
        return ConfigLoader.load(file, Map.of(), List.of(), HeadRegistry.load());
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aShippedConfigurationLoadsAndItsPrintoutLoadsToTheSame(Path file) throws IOException {
        var config = load(file);
        assertThat(config.tasks()).isNotEmpty();
        var printed = folder.resolve("printed.yaml");
        Files.writeString(printed, ConfigPrinter.print(config));
        assertThat(load(printed)).isEqualTo(config);
    }

    @Test
    void theQuickstartsDataIsInTheRepository() {
        for (var task : load(ROOT.resolve("config/quickstart.yaml")).tasks().values()) {
            assertThat(ROOT.resolve(task.data().train())).isDirectory();
            assertThat(ROOT.resolve(String.valueOf(task.data().validation()))).isDirectory();
            assertThat(ROOT.resolve(String.valueOf(task.data().test()))).isDirectory();
        }
    }

    @Test
    void aMisspelledHeadIsReportedWithFileLinePathAndNearestName() throws IOException {
        var file = folder.resolve("x.yaml");
        Files.writeString(
                file,
                """
                tasks:
                  slots:
                    head: tokn-classification
                    data: {train: a, column: seq.out}
                """);
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        file
                                + ":3: tasks.slots.head: no head 'tokn-classification'; known:"
                                + " classification, contrastive, distillation,"
                                + " masked-language-model, multi-label-classification,"
                                + " pair-classification, pair-regression, regression, relation,"
                                + " similarity, span-extraction, tagging, token-classification; did"
                                + " you mean 'token-classification'?");
    }

    @Test
    void aDropoutOutsideOfZeroToOneIsReportedWithFileAndLine() throws IOException {
        var file = folder.resolve("x.yaml");
        Files.writeString(
                file,
                """
                tasks:
                  slots:
                    head: token-classification
                    loss_weight: 1
                    dropout: 1.0
                    data: {train: a, column: seq.out}
                """);
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(file + ":5: tasks.slots: dropout is 1.0, it must be in [0, 1)");
    }
}
