package dev.mtl.core.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class AtomicDirectoryTest {
    @TempDir Path folder;
    private Path target = Path.of("");

    @BeforeEach
    void name() {
        target = folder.resolve("runs/model");
    }

    private static AtomicDirectory.Filler text(String text) {
        return staging -> Files.writeString(staging.resolve("file"), text);
    }

    private List<String> around() throws IOException {
        try (var files = Files.list(target.getParent())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void makesADirectoryAndItsParents() throws IOException {
        AtomicDirectory.replace(target, text("new"));

        assertThat(target.resolve("file")).hasContent("new");
        assertThat(around()).containsExactly("model");
    }

    @Test
    void replacesTheWholeDirectory() throws IOException {
        AtomicDirectory.replace(
                target,
                staging -> {
                    Files.createDirectories(staging.resolve("1_Pooling"));
                    Files.writeString(staging.resolve("1_Pooling/config.json"), "{}");
                });

        AtomicDirectory.replace(target, text("new"));

        assertThat(target).isDirectoryNotContaining("glob:**1_Pooling");
        assertThat(target.resolve("file")).hasContent("new");
        assertThat(around()).containsExactly("model");
    }

    @Test
    void aFailureLeavesTheOldOneAsItWas() throws IOException {
        AtomicDirectory.replace(target, text("old"));

        assertThatThrownBy(
                        () ->
                                AtomicDirectory.replace(
                                        target,
                                        staging -> {
                                            text("half").fill(staging);
                                            throw new IOException("No space left on device");
                                        }))
                .isInstanceOf(MtlException.class)
                .hasMessage(target + ": cannot be written: No space left on device");

        assertThat(target.resolve("file")).hasContent("old");
        assertThat(around()).containsExactly("model");
    }

    @Test
    void theOldOneIsThereWhileTheNewOneIsWritten() {
        AtomicDirectory.replace(target, text("old"));

        AtomicDirectory.replace(
                target,
                staging -> {
                    text("new").fill(staging);
                    assertThat(target.resolve("file")).hasContent("old");
                });
    }

    @Test
    void cleansUpAfterAProcessThatDiedWhileWriting() throws IOException {
        AtomicDirectory.replace(target, text("old"));
        var staging = Files.createDirectories(target.resolveSibling("model.writing"));
        Files.writeString(staging.resolve("other"), "half");

        AtomicDirectory.replace(target, text("new"));

        assertThat(target.resolve("other")).doesNotExist();
        assertThat(around()).containsExactly("model");
    }

    @Test
    void aReplacementThatEndedBetweenItsMovesLosesNothing() throws IOException {
        var previous = Files.createDirectories(target.resolveSibling("model.previous"));
        Files.writeString(previous.resolve("file"), "old");

        assertThatThrownBy(
                        () ->
                                AtomicDirectory.replace(
                                        target,
                                        staging -> {
                                            throw new IOException("full");
                                        }))
                .isInstanceOf(MtlException.class);

        assertThat(target.resolve("file")).hasContent("old");
        assertThat(around()).containsExactly("model");
    }
}
