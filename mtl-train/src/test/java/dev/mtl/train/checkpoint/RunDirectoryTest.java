package dev.mtl.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of a run, and what a kill can leave of it. */
class RunDirectoryTest {
    @TempDir Path folder;
    private RunDirectory run = new RunDirectory(Path.of(""));
    private Path previous = Path.of("");

    @BeforeEach
    void place() {
        run = new RunDirectory(folder.resolve("model.run"));
        previous = folder.resolve("model.run.previous");
    }

    private static void write(Path run, String metrics) throws IOException {
        Files.createDirectories(run.resolve("checkpoints/step-00000002"));
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
    }

    @Test
    void aNewRunReplacesThePreviousOneWithTheLast() throws IOException {
        write(run.path(), "last");
        write(previous, "one before");
        run.begin();
        assertThat(run.checkpoints()).isEmptyDirectory();
        assertThat(previous.resolve("metrics.jsonl")).hasContent("last");
    }

    @Test
    void beginsWhereARunWasKilledBetweenMakingItsTwoDirectories() throws IOException {
        Files.createDirectory(run.path());
        run.begin();
        assertThat(run.checkpoints()).isEmptyDirectory();
    }

    @Test
    void beginsWhereARunWasKilledWhileItDeletedThePreviousOne() throws IOException {
        write(run.path(), "last");
        Files.createDirectory(previous);
        run.begin();
        assertThat(run.checkpoints()).isEmptyDirectory();
        assertThat(previous.resolve("metrics.jsonl")).hasContent("last");
    }

    @Test
    void refusesADirectoryOfSomethingElse() throws IOException {
        Files.createDirectory(run.path());
        Files.writeString(run.path().resolve("mine"), "");
        assertThatThrownBy(run::begin)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("is not the directory of a run");
        assertThat(run.path().resolve("mine")).exists();
    }
}
