package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.store.ModelStore;
import dev.mtl.core.store.StoreSettings;
import dev.mtl.train.progress.Outcome;

import org.example.UsingMtl;
import org.example.UsingTraining;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code docs/java.md} shows programs that compile against MTL's public types, and run. */
class JavaPageTest {
    private static final Pattern BLOCK =
            Pattern.compile("^```java\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

    @TempDir static Path folder;
    private static Path config = Path.of("");
    private static UsingMtl program = new UsingMtl(ModelStore.standard());
    private static UsingTraining training = new UsingTraining(ModelStore.standard());

    @BeforeAll
    static void write() throws IOException {
        config = ToyTask.write(folder, "epochs: 1", folder.resolve("runs/model"));
        var settings =
                StoreSettings.of(Map.of("MTL_CACHE", folder.resolve("cache").toString()), folder);
        program = new UsingMtl(new ModelStore(settings));
        training = new UsingTraining(new ModelStore(settings));
    }

    @Test
    void everyProgramOfThePageIsInTheExample() throws IOException {
        var sources = new ArrayList<String>();
        for (var file : PluginJar.files(Path.of("src/test/java/org/example"), ".java")) {
            sources.add(withoutIndents(Files.readString(file)));
        }
        var blocks =
                BLOCK.matcher(Files.readString(Path.of("..", "docs", "java.md")))
                        .results()
                        .map(found -> withoutIndents(found.group(1)))
                        .toList();

        assertThat(blocks)
                .hasSizeGreaterThan(3)
                .allSatisfy(
                        block ->
                                assertThat(sources)
                                        .as(block)
                                        .anyMatch(source -> source.contains(block)));
    }

    /** An excerpt may be indented less than its code, and is whole lines otherwise. */
    private static String withoutIndents(String text) {
        return "\n"
                + text.lines().map(String::strip).collect(Collectors.joining("\n")).strip()
                + "\n";
    }

    @Test
    void itsEmbeddingProgramsRun() {
        var backbone = folder.resolve("backbone").toString();

        assertThat(UsingMtl.embed(backbone, List.of("book the blue room", "")))
                .hasDimensions(2, 32);
        assertThat(program.search(backbone, "a room?", List.of("the blue room")))
                .hasDimensions(2, 32);
        assertThat(program.embedInBytes(backbone, List.of("a room", "a song"), "a room"))
                .hasSize(32);
        assertThat(program.embedInEightBits(backbone, "book the blue room")).hasSize(32);
    }

    @Test
    void itsProgramWithoutFilesTrainsAndContinuesAfterAStop() {
        var backbone = folder.resolve("backbone").toString();
        var directory = folder.resolve("built");

        var first = training.trainOn(training.configuration(backbone, directory), 2);
        assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
        var second = training.trainOn(training.configuration(backbone, directory), 9);
        assertThat(second.outcome()).isEqualTo(Outcome.FINISHED);
        assertThat(second.steps()).isEqualTo(5);
        assertThat(program.predict(second.model(), List.of("book the blue room"))).hasSize(2);
    }

    @Test
    void itsTrainingProgramWritesTheModelThatItsPredictionProgramReads() {
        var model = training.train(config).model();

        assertThat(program.predict(model, List.of("book the blue room")))
                .hasSize(2)
                .anySatisfy(prediction -> assertThat(prediction).containsKey("label"))
                .anySatisfy(prediction -> assertThat(prediction).containsKey("entities"));
        assertThat(program.labelsAtMost(model, "book the blue room")).isEqualTo(2);
    }
}
