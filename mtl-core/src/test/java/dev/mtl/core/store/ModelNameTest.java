package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.store.artifact.MavenCoordinates;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ModelNameTest {
    @TempDir Path folder;

    @Test
    void parsesHubNames() {
        assertThat(ModelName.parse("hf:org/name")).isEqualTo(new ModelName.Hub("org/name", "main"));
        assertThat(ModelName.parse("hf:org/name@refs/pr/1"))
                .isInstanceOfSatisfying(
                        ModelName.Hub.class,
                        hub -> {
                            assertThat(hub.revision()).isEqualTo("refs/pr/1");
                            assertThat(hub.key()).isEqualTo("hf--org--name--refs--pr--1");
                            assertThat(hub.source()).isEqualTo("hf:org/name@refs/pr/1");
                        });
    }

    @Test
    void parsesMavenNames() {
        assertThat(ModelName.parse("maven:a.b:c:1.0:q8"))
                .isInstanceOfSatisfying(
                        ModelName.Maven.class,
                        maven -> {
                            assertThat(maven.coordinates())
                                    .isEqualTo(new MavenCoordinates("a.b", "c", "1.0", "q8"));
                            assertThat(maven.key()).isEqualTo("maven--a.b--c--1.0--q8");
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hf:",
                "hf:a/b/c",
                "hf:../b",
                "hf:a/b@..",
                "hf:a/b@",
                "maven:a:b",
                "maven:a:b:c:d:e",
                "maven:a/../b:c:d"
            })
    void rejectsNamesOfTheWrongForm(String name) {
        assertThatThrownBy(() -> ModelName.parse(name))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(" is not ");
    }

    @ParameterizedTest
    @CsvSource({
        "bert-bas-uncased, bert-base-uncased",
        "all-minilm-l6-v2, all-MiniLM-L6-v2",
        "sentence-transformers/all-MiniLM-L6-v2, all-MiniLM-L6-v2",
        "someone/something, hf:someone/something"
    })
    void suggestsTheNearestName(String typed, String meant) {
        assertThatThrownBy(() -> ModelName.parse(typed))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no model '" + typed + "'")
                .hasMessageContaining("bert-base-uncased, all-MiniLM-L6-v2, bge-small-en-v1.5")
                .hasMessageEndingWith("did you mean '" + meant + "'?");
    }

    @Test
    void suggestsNothingIfNoNameIsNear() {
        assertThatThrownBy(() -> ModelName.parse("xyz")).hasMessageNotContainingAny("did you mean");
    }

    @Test
    void acceptsAFolderButNotAFile() throws IOException {
        assertThat(ModelName.parse(folder.toString())).isEqualTo(new ModelName.Directory(folder));
        var file = Files.createFile(folder.resolve("model.safetensors"));
        assertThatThrownBy(() -> ModelName.parse(file.toString()))
                .hasMessageContaining("is a file; give the model's folder");
    }
}
