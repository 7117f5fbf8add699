package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import javax.tools.ToolProvider;

/** What a model says of itself: mtl.json and README.md. */
class ModelCardTest {
    @TempDir static Path folder;
    private static Path model = Path.of("");
    private static Call training = new Call(-1, "", "");

    @BeforeAll
    static void train() throws IOException {
        model = folder.resolve("colours");
        var config = ToyTask.write(folder, "epochs: 3", model);
        training =
                Call.mtl(folder.resolve("cache"), "train", config.toString(), "--format", "json");
        assertThat(training.code()).as(training.err()).isZero();
    }

    /** The last evaluation that was the best so far. */
    private static JsonNode best() {
        return training.json().stream()
                .filter(line -> line.path("best").asBoolean())
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    private static String card() throws IOException {
        return Files.readString(model.resolve("README.md"));
    }

    @Test
    void mtlJsonHasTheScoresOfTheBestEvaluation() throws IOException {
        var json = JsonMapper.builder().build().readTree(model.resolve("mtl.json").toFile());

        assertThat(json.at("/scores/tasks")).isEqualTo(best().path("tasks"));
        assertThat(json.at("/scores/step")).isEqualTo(best().path("step"));
        assertThat(json.at("/scores/joint_accuracy")).isEqualTo(best().path("joint_accuracy"));
        assertThat(json.at("/scores/texts").asInt()).isEqualTo(6);
        assertThat(json.path("tasks").toString()).isEqualTo("[\"intent\",\"slots\"]");
        assertThat(json.path("files").toString()).isEqualTo("[\"config.yaml\"]");
        assertThat(json.path("plugins")).isEmpty();
        assertThat(json.path("mtl_version").asText()).isNotEmpty();
    }

    @Test
    void theCardShowsEachTasksScores() throws IOException {
        var scores = best().at("/tasks/slots");
        var f1 = String.format(Locale.ROOT, " f1 %.4f, macro_f1 ", scores.path("f1").asDouble());

        assertThat(card().lines())
                .anyMatch(line -> line.startsWith("| slots |") && line.contains(f1))
                .anyMatch(line -> line.startsWith("| intent | classification | 2 | accuracy "));
        assertThat(card())
                .contains("# colours\n", "(step " + best().path("step").asInt() + ")")
                .contains("a local directory `backbone`")
                .doesNotContain(folder.toString());
    }

    @Test
    void theFrontMatterIsYamlThatTheHubReads() throws IOException {
        var text = card().substring(4, card().indexOf("\n---\n"));
        Map<String, Object> yaml = new Yaml().load(text);

        assertThat(card()).startsWith("---\n");
        assertThat(yaml).containsEntry("library_name", "sentence-transformers");
        assertThat(yaml).doesNotContainKey("base_model"); // the hub does not have it
        assertThat(yaml.get("tags"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .contains("mtl", "classification", "token-classification");
        var json = JsonMapper.builder().build().valueToTree(yaml);
        assertThat(json.at("/model-index/0/name").asText()).isEqualTo("colours");
        assertThat(json.at("/model-index/0/results/1/task/name").asText()).isEqualTo("slots");
        assertThat(json.at("/model-index/0/results/1/metrics/2/type").asText()).isEqualTo("f1");
        assertThat(json.at("/model-index/0/results/1/metrics/2/value").asDouble())
                .isEqualTo(best().at("/tasks/slots/f1").asDouble());
    }

    @Test
    void itsJavaCompiles() throws IOException {
        var block = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(card());
        assertThat(block.find()).isTrue();
        var source = Files.writeString(folder.resolve("Card.java"), block.group(1));
        var compiler = ToolProvider.getSystemJavaCompiler();
        var said = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var options =
                    List.of(
                            "-proc:none",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-d",
                            folder.toString());
            var task =
                    compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjects(source));
            assertThat(task.call()).as(said.toString()).isTrue();
        }
    }

    @Test
    void itsPythonNamesTheFilesThatAreThere() throws IOException {
        assertThat(card())
                .contains("SentenceTransformer(\"colours\")")
                .contains("load_file(\"colours/heads/intent/head.safetensors\")")
                .contains("mtl export --model colours --head slots --to transformers DIR");
        assertThat(model.resolve("heads/intent/head.safetensors")).exists();
        assertThat(model.resolve("heads/intent/head.json")).exists();
    }
}
