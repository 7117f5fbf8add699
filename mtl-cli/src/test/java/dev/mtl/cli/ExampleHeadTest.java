package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The head {@code ordinal} of {@code docs/example-head}. */
class ExampleHeadTest {
    private static final Path ROOT = ExampleJar.ROOT;
    private static final Path EXAMPLE = ExampleJar.SOURCES;

    /** Levels and their words; the tiny tokenizer knows the words as wholes. */
    private static final Map<String, String> WORDS =
            new TreeMap<>(Map.of("low", "blue", "middle", "red", "high", "green"));

    @TempDir static Path folder;
    private static ExampleJar plugin = new ExampleJar(Path.of(""), Path.of(""));
    private static Path jar = Path.of("");
    private static Path model = Path.of("");
    private static Path config = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void buildAndTrain() throws IOException {
        plugin = ExampleJar.build(folder);
        jar = plugin.path();
        writeData(folder.resolve("train"), 8);
        writeData(folder.resolve("dev"), 2);
        model = folder.resolve("model");
        config =
                Files.writeString(
                        folder.resolve("config.yaml"),
                        """
                        model: {backbone: "%1$s", max_length: 32}
                        tasks:
                          level:
                            head: ordinal
                            order: [low, middle, high]
                            data: {format: jointbert, train: "%2$s/train", validation: "%2$s/dev", column: label}
                        training: {epochs: 20, batch_size: 8, base_lr: 5.0e-3, layer_lr_decay: 1.0, device: cpu}
                        output: {dir: "%2$s/model"}
                        """
                                .formatted(backbone(), folder));
        training = mtl("train", config.toString(), "--plugins", jar.toString(), "--format=json");
    }

    private static Path backbone() {
        var backbone = folder.resolve("backbone");
        return Files.exists(backbone) ? backbone : TinyModel.write(backbone, 7, 0.1).path();
    }

    private static void writeData(Path directory, int repeats) throws IOException {
        var texts = new StringBuilder();
        var labels = new StringBuilder();
        for (int i = 0; i < repeats; i++) {
            for (var level : WORDS.entrySet()) {
                texts.append("the ".repeat(i % 4)).append("book is ");
                texts.append(level.getValue()).append('\n');
                labels.append(level.getKey()).append('\n');
            }
        }
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("seq.in"), texts);
        Files.writeString(directory.resolve("label"), labels);
    }

    private static Call mtl(String... args) {
        return Call.mtl(folder.resolve("cache"), args);
    }

    @Test
    void isListedWithItsJar() {
        var call = mtl("heads", "--plugins", jar.toString(), "--format", "json");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json())
                .filteredOn(head -> head.path("type").asText().equals("ordinal"))
                .singleElement()
                .satisfies(
                        head -> {
                            assertThat(head.path("provider").asText())
                                    .isEqualTo("org.example.ordinal.OrdinalProvider");
                            assertThat(head.path("origin").asText()).isEqualTo(jar.toString());
                        });
        assertThat(mtl("heads").out()).doesNotContain("ordinal");
    }

    @Test
    void learns() {
        assertThat(training.code()).as(training.err()).isZero();
        var last = training.json().getLast().at("/tasks/level");
        assertThat(last.path("accuracy").asDouble()).isEqualTo(1);
        assertThat(last.path("closeness").asDouble()).isEqualTo(1);
        assertThat(training.json().getFirst().path("train_loss").asDouble())
                .isGreaterThan(training.json().getLast().path("train_loss").asDouble());
    }

    @Test
    void isLoadedEvaluatedAndAsked() {
        var plugins = jar.toString();
        var where = model.toString();

        var scores = mtl("evaluate", "--model", where, "--plugins", plugins, "--format=json");
        assertThat(scores.code()).as(scores.err()).isZero();
        assertThat(scores.json().getFirst().at("/tasks/level/closeness").asDouble()).isEqualTo(1);

        for (var level : WORDS.entrySet()) {
            var text = "the book is " + level.getValue();
            var call =
                    mtl("predict", "--model", where, "--plugins", plugins, "--format=json", text);
            assertThat(call.code()).as(call.err()).isZero();
            var said = call.json().getFirst().at("/tasks/level");
            assertThat(said.path("label").asText()).isEqualTo(level.getKey());
            assertThat(said.path("score").asDouble()).isStrictlyBetween(0.0, 1.0);
        }
    }

    @Test
    void withoutThePluginAModelSaysWhatIsMissing() {
        for (var command : List.of("predict", "evaluate")) {
            var call =
                    command.equals("predict")
                            ? mtl(command, "--model", model.toString(), "text")
                            : mtl(command, "--model", model.toString());

            assertThat(call.code()).isEqualTo(2);
            assertThat(call.err().lines()).hasSize(1);
            assertThat(call.err())
                    .contains(
                            "task 'level' needs the head 'ordinal'"
                                    + " (org.example.ordinal.OrdinalHead), which is not among"
                                    + " [",
                            "--plugins JAR_OR_DIR");
        }
    }

    @Test
    void itsMistakesAreAnsweredWithFileAndLine() throws IOException {
        assertThat(plugin.mistake(config, "order: [low, middle, high]", "ordre: [low]"))
                .contains(":5: tasks.level.ordre: no such key; known: order, dropout");
        assertThat(plugin.mistake(config, "order: [low, middle, high]", "order: [low, low, high]"))
                .contains(":5: tasks.level: order names a label twice: [low, low, high]");
        assertThat(plugin.mistake(config, "order: [low, middle, high]", "order: [low, high]"))
                .contains("tasks.level: order lacks the label 'middle' of the training data");
        assertThat(plugin.mistake(config, "    order: [low, middle, high]\n", ""))
                .contains("tasks.level: order must name all labels");
    }

    /** The commands as they stand there, with this test's jar and the tiny model. */
    @Test
    void theCommandsOfTheReadmeWork() throws IOException {
        var commands =
                Files.readAllLines(ROOT.resolve("README.md")).stream()
                        .filter(line -> line.startsWith("./mtl ") && line.contains("--plugins "))
                        .toList();
        assertThat(commands).hasSize(2);
        for (var command : commands) {
            var jarThere = "docs/example-head/target/ordinal-head.jar";
            assertThat(command).contains(jarThere);
            var args = new ArrayList<String>();
            for (var word : command.substring("./mtl ".length()).split(" +")) {
                args.add(word.equals(jarThere) ? jar.toString() : atRoot(word));
            }
            if (args.getFirst().equals("train")) {
                args.addAll(List.of("--output", folder.resolve("reviews").toString()));
                for (var set :
                        List.of(
                                "model.backbone=" + backbone(),
                                "training.epochs=1",
                                "tasks.rating.data.train=" + EXAMPLE.resolve("data/train"),
                                "tasks.rating.data.validation=" + EXAMPLE.resolve("data/dev"))) {
                    args.addAll(List.of("--set", set));
                }
            }
            var call = mtl(args.toArray(String[]::new));
            assertThat(call.code()).as(command + "\n" + call.err()).isZero();
        }
        assertThat(folder.resolve("reviews/mtl.json"))
                .content()
                .contains("\"plugins\"", "org.example.ordinal.OrdinalHead", "ordinal-head.jar");
    }

    private static String atRoot(String word) {
        return word.startsWith("docs/") ? ROOT.resolve(word).toString() : word;
    }

    @Test
    void isForThisVersion() throws IOException {
        var example = Files.readString(EXAMPLE.resolve("pom.xml"));
        var version =
                Pattern.compile("<revision>([^<]+)</revision>")
                        .matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertThat(version.find()).isTrue();

        assertThat(example).contains("<mtl.version>" + version.group(1) + "</mtl.version>");
    }

    @Test
    void itsOwnTestCompiles() throws IOException {
        var sources = new ArrayList<>(PluginJar.files(EXAMPLE.resolve("src"), ".java"));
        assertThat(sources).anyMatch(file -> file.endsWith("OrdinalHeadTest.java"));

        PluginJar.compile(
                sources,
                System.getProperty("java.class.path"),
                Files.createDirectories(folder.resolve("test-classes")));
    }
}
