package dev.mtl.core.head;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This module's class path has no head, as that of a program without mtl-heads. */
class MissingHeadTest {
    private static final String DEPENDENCY = "are in the dependency dev.mtl:mtl-heads";

    @TempDir private Path folder;

    @Test
    void aTypeThatIsAskedForIsAnsweredWithTheDependency() {
        assertThatThrownBy(() -> HeadRegistry.load().provider("classification"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no head 'classification'; known: none; ")
                .hasMessageContaining(DEPENDENCY)
                .hasMessageContaining("on the class path")
                .hasMessageEndingWith("--plugins JAR_OR_DIR");
    }

    @Test
    void aModelWhoseHeadIsMissingIsAnsweredWithTheDependency() throws IOException {
        var model = TinyModel.write(folder.resolve("model"), 1, 0.1).path();
        Files.writeString(
                model.resolve("mtl.json"),
                """
                {"format": 2, "max_length": 8, "pooling": "MEAN", "normalization": "NONE", "tasks": ["intent"]}
                """);
        Files.createDirectories(model.resolve("heads/intent"));
        Files.writeString(
                model.resolve("heads/intent/head.json"),
                """
                {"head": "classification", "settings": {}, "labels": ["a"]}
                """);

        assertThatThrownBy(() -> ModelFiles.load(model, HeadRegistry.load(), Device.CPU))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("task 'intent' needs the head 'classification'")
                .hasMessageContaining(DEPENDENCY);
    }
}
