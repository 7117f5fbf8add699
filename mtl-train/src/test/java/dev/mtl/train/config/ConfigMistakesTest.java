package dev.mtl.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.MissingHead;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.format.settings.ConllSettings;
import dev.mtl.train.format.settings.FormatSettings;
import dev.mtl.train.format.settings.JointBertSettings;
import dev.mtl.train.format.settings.TableSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Whole messages, line by line: the line is that of the key, not of what it stands in. */
class ConfigMistakesTest {
    private static final String TASKS =
            """
            tasks:
              intent:
                head: majority
                data: {train: a}
            """;

    @TempDir private Path folder;

    private RunConfig load(String text, String... sets) throws IOException {
        var file = folder.resolve("x.yaml");
        Files.writeString(file, text);
        return ConfigLoader.load(file, Map.of(), List.of(sets), HeadRegistry.load());
    }

    private void rejects(String text, String... lines) {
        assertThatThrownBy(() -> load(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        Arrays.stream(lines)
                                .map(line -> folder.resolve("x.yaml") + ":" + line)
                                .collect(Collectors.joining("\n")));
    }

    @Test
    void aValueOutOfRangeIsNamedByItsOwnLine() {
        rejects(
                TASKS + "training:\n  epochs: 3\n  batch_size: 0\n",
                "7: training: batch_size is 0, it must be at least 1");
        rejects(
                TASKS + "model:\n  pooling: cls\n  max_length: 2\n",
                "7: model: max_length is 2, it must be at least 3");
        rejects(
                TASKS
                        + "training:\n"
                        + "  epochs: 3\n"
                        + "  freezing:\n"
                        + "    policy: full\n"
                        + "    heads: [intent]\n",
                "9: training.freezing: heads are named for the policy 'heads' only");
        rejects(
                TASKS.replace("head: majority", "head: majority\n    loss_weight: -1"),
                "4: tasks.intent: loss_weight is -1, it must be at least 0");
    }

    /** The lines of data begin at 5. */
    private static String data(String... lines) {
        return "tasks:\n  intent:\n    head: majority\n    data:\n      train: a\n      "
                + String.join("\n      ", lines)
                + "\n";
    }

    @Test
    void whatDataSaysIsNamedByItsOwnLine() {
        rejects(
                data("format: cvs"),
                "6: tasks.intent.data.format: no 'cvs'; known: jointbert, conll, csv, tsv, jsonl,"
                        + " parquet, squad; did you mean 'csv'?");
        rejects(
                data("format: jointbert", "column: labels"),
                "7: tasks.intent.data: column is 'labels', known in the format jointbert: label,"
                        + " seq.out; did you mean 'label'?");
        rejects(
                data("format: conll", "column: tag"),
                "7: tasks.intent.data: column is 'tag', in the format conll it is the number of a"
                        + " column, from 0, or one of the names that 'columns' gives");
        rejects(
                data("format: conll", "columns: [word, tag]", "text_column: 2"),
                "8: tasks.intent.data: text_column is 2, 'columns' names 2, from 0");
        rejects(
                data("format: conll", "separator: comma"),
                "7: tasks.intent.data: separator is 'comma', known in the format conll:"
                        + " whitespace, tab, space");
        rejects(
                data("format: csv", "separator: '||'"),
                "7: tasks.intent.data: separator is '||', in the format csv it is one character,"
                        + " such as ';', or tab");
        rejects(
                data("format: csv", "column: text"),
                "7: tasks.intent.data: column is 'text', which is the text_column");
        rejects(
                data("format: tsv", "kind: entities"),
                "7: tasks.intent.data: kind is entities, which only jsonl and parquet have");
        rejects(
                data("format: tsv", "kind: labels"),
                "7: tasks.intent.data: kind is labels, which needs a label_separator");
        rejects(
                data("format: tsv", "quoting: double"),
                "7: tasks.intent.data: quoting is 'double', known in the format tsv: rfc4180,"
                        + " none");
        rejects(
                data("format: csv", "columns: [text, label]", "header: true"),
                "7: tasks.intent.data: columns gives names for a file without a header, but header"
                        + " is true");
        rejects(
                data("format: csv", "columns: [text, label]", "text_columns: [0, 5]"),
                "8: tasks.intent.data: text_columns is 5, 'columns' names 2, from 0");
        rejects(
                data("format: jsonl", "markup: '[text]'"),
                "7: tasks.intent.data: markup is '[text]'; it is an entity as the texts have it,"
                        + " with the words 'label' and 'text' in their places, such as"
                        + " \"[label : text]\" or \"[text](label)\"");
        rejects(
                data("format: jsonl", "kind: value", "names: [a, b]"),
                "8: tasks.intent.data: names says what numbers stand for, but the kind is value;"
                        + " leave one of them out");
        rejects(
                data("format: jsonl", "span_end: open"),
                "7: tasks.intent.data: span_end is 'open', known in the format jsonl: exclusive,"
                        + " inclusive");
        rejects(
                data("format: jsonl", "label_separator: ','"),
                "7: tasks.intent.data: the format jsonl has no key label_separator");
    }

    @Test
    void aKeyThatItsFormatDoesNotHaveIsRefused() {
        for (var key : List.of("text_column", "separator", "comment", "label_separator")) {
            rejects(
                    data("format: jointbert", key + ": x"),
                    "7: tasks.intent.data: the format jointbert has no key " + key);
        }
        rejects(
                data("format: jsonl", "columns: [a]"),
                "7: tasks.intent.data: the format jsonl has no key columns");
        rejects(
                data("format: csv", "text_column:"),
                "7: tasks.intent.data: text_column is missing, the format csv needs it");
    }

    @Test
    void aFormatHasDefaultsOfItsOwn() throws IOException {
        var settings = settings(load(data("format: conll")));
        assertThat(settings).isEqualTo(new ConllSettings("1", "0", "whitespace", List.of(), null));
        assertThat(settings(load(TASKS, "tasks.intent.data.format=csv")))
                .isEqualTo(
                        new TableSettings.Csv(
                                "label", "text", List.of(), ",", null, List.of(), "rfc4180", "fail",
                                null, null, List.of(), null));
    }

    private static FormatSettings settings(RunConfig config) {
        return java.util.Objects.requireNonNull(config.tasks().get("intent")).data().settings();
    }

    /** What earlier versions saved beside a model names the keys of all formats. */
    @Test
    void aKeyThatItsFormatDoesNotHaveDoesNoHarmWithoutAValue() throws IOException {
        var config =
                load(
                        data(
                                "format: jointbert",
                                "column: seq.out",
                                "text_column: null",
                                "text_columns: []",
                                "separator:",
                                "columns: []",
                                "comment: ~",
                                "label_separator: null",
                                "kind: null"));
        assertThat(settings(config)).isEqualTo(new JointBertSettings("seq.out"));
    }

    @Test
    void aKeyThatNoFormatHasIsAnsweredWithThoseOfItsFormat() {
        rejects(
                data("format: conll", "seperator: tab"),
                "7: tasks.intent.data.seperator: no such key; known: format, train, validation,"
                        + " test, validation_split, test_split, streaming, buffer_size, retrieval,"
                        + " column, text_column, separator, columns, comment, on_bad_row; did you"
                        + " mean 'separator'?");
    }

    @Test
    void mistakesInKeysOfTheFormatAndInOthersAreNamedTogether() {
        rejects(
                data("format: conll", "separator: comma", "on_bad_row: leave"),
                "8: tasks.intent.data.on_bad_row: no 'leave'; known: fail, skip",
                "7: tasks.intent.data: separator is 'comma', known in the format conll:"
                        + " whitespace, tab, space");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_lr",
                "layer_lr_decay",
                "weight_decay",
                "max_grad_norm",
                "warmup_ratio"
            })
    void noNumberIsInfinite(String key) {
        assertThatThrownBy(() -> load(TASKS + "training: {" + key + ": 1e999}\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("x.yaml:5: training: " + key + " is Infinity, it must be ");
    }

    @Test
    void whatProcessesSendIsRoundedWhereTheOrderOfSumsIsFree() {
        rejects(
                TASKS + "training: {exchange_precision: bf16}\n",
                "5: training: exchange_precision: bf16 rounds what processes send each other, so"
                        + " the result depends on their number; set deterministic: false too, or"
                        + " leave it at fp32");
        rejects(
                TASKS + "training: {exchange_precision: int8}\n",
                "5: training: exchange_precision is int8, gradients are sent in fp32 or bf16");
    }

    @Test
    void aKeyWithoutAValueIsNotTaken() {
        rejects(TASKS + "model:\n  backbone:\n", "6: model.backbone: takes a value, not nothing");
        rejects(TASKS + "model: {pooling: }\n", "5: model.pooling: takes a value, not nothing");
        rejects(
                TASKS + "training: {device: null, schedule: ~}\n",
                "5: training.schedule: takes a value, not nothing",
                "5: training.device: takes a value, not nothing");
        rejects(TASKS.replace("train: a", "train: "), "2: tasks: none of them has data.train");
        rejects(
                TASKS + "training: {epochs: }\n",
                "5: training.epochs: takes an integer, not nothing");
        rejects(TASKS + "training:\n", "5: training: takes a mapping, not nothing");
    }

    @Test
    void whatMayBeNothingMay() throws IOException {
        var config = load(TASKS + "training: {max_steps: null, workers: , warmup_steps: ~}\n");
        assertThat(config.training()).isEqualTo(TrainingConfig.DEFAULTS);
    }

    @Test
    void aBrokenTaskIsNotAlsoAnUnknownTask() {
        rejects(
                TASKS.replace("majority", "none")
                        + "training: {freezing: {policy: heads, heads: [intent]}}\n",
                "3: tasks.intent.head: no head 'none'; known: majority; " + MissingHead.ADVICE);
    }

    @Test
    void aFrozenHeadThatIsNoTaskIsNamedByItsOwnLine() {
        rejects(
                TASKS + "training:\n  epochs: 3\n  freezing:\n    policy: heads\n    heads: [x]\n",
                "9: training.freezing.heads: no task 'x'; known: intent");
    }

    @Test
    void anAliasOfWhatItStandsInIsRefused() {
        rejects("tasks: &t {intent: *t}\n", "1: a recursive alias");
    }

    @Test
    void anAliasOfSomethingElseIsRead() throws IOException {
        var config =
                load(
                        """
                        tasks:
                          a: {head: majority, data: &d {train: x}}
                          b: {head: majority, data: *d}
                        """);
        assertThat(config.tasks().values())
                .allSatisfy(task -> assertThat(task.data().train()).isEqualTo("x"));
    }

    @Test
    void aSecondKeyOfOneNameIsNamedWithItsPath() {
        rejects(
                TASKS + "training:\n  epochs: 1\n  epochs: 2\n",
                "7: training.epochs: is a duplicate key");
    }

    @Test
    void charactersThatYamlDoesNotAllowAreNamedByTheirLine() {
        assertThatThrownBy(() -> load(TASKS + "output: {dir: \"a\0b\"}\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        folder.resolve("x.yaml")
                                + ":5:17: is not YAML: the character U+0000 is not allowed");
    }

    @Test
    void aFileMayBeginWithAByteOrderMarkAndHaveCrlf() throws IOException {
        assertThat(load("\uFEFF" + TASKS.replace("\n", "\r\n"))).isEqualTo(load(TASKS));
    }

    @Test
    void whatIsNotUtf8IsSaid() throws IOException {
        var file = folder.resolve("latin1.yaml");
        Files.write(file, "output: {dir: größe}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of(), List.of(), HeadRegistry.load()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(file + ": is not UTF-8");
    }

    @Test
    void onlyComments() {
        assertThatThrownBy(() -> load("# nothing\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(folder.resolve("x.yaml") + ": is empty");
        rejects("- a\n", "1: a configuration is a mapping, not a list");
    }

    @Test
    void anOptionsValueIsYamlToo() {
        assertThatThrownBy(() -> load(TASKS, "training.freezing={policy: "))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("--set training.freezing: is not YAML: ");
        assertThatThrownBy(() -> load(TASKS, "training.batch_size=0"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "--set training.batch_size: training: batch_size is 0, it must be at"
                                + " least 1");
        assertThatThrownBy(() -> load(TASKS, "=1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("--set =1: takes path=value, such as training.epochs=5");
    }
}
