package dev.mtl.core.pooling.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class SentenceConfigTest {
    @TempDir Path folder;

    private SentenceConfig read(String json) throws IOException {
        Files.writeString(folder.resolve(SentenceConfig.FILE), json);
        return SentenceConfig.read(folder);
    }

    @Test
    void aModelWithoutTheFileHasEmptyPrompts() {
        var config = SentenceConfig.read(folder);

        assertThat(config.prompts()).isEqualTo(Map.of("query", "", "document", ""));
        assertThat(config.defaultPromptName()).isNull();
        assertThat(config.truncateDim()).isNull();
    }

    @Test
    void readsPromptsTheirDefaultAndTheDimensions() throws IOException {
        var config =
                read(
                        """
                        {"prompts": {"query": "query: ", "title": "title: ", "none": null},
                         "default_prompt_name": "title", "truncate_dim": 64}
                        """);

        assertThat(config.prompts())
                .isEqualTo(
                        Map.of("query", "query: ", "document", "", "title", "title: ", "none", ""));
        assertThat(config.defaultPromptName()).isEqualTo("title");
        assertThat(config.truncateDim()).isEqualTo(64);
    }

    @Test
    void theFilesOfVersion2HaveNoPrompts() throws IOException {
        var config = read("{\"__version__\": {\"sentence_transformers\": \"2.0.0\"}}");

        assertThat(config).isEqualTo(SentenceConfig.read(folder.resolve("none")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"default_prompt_name\": \"title\"} | default_prompt_name 'title' is not among",
                "{\"prompts\": {\"query\": 1}} | prompts.query is not a text",
                "{\"truncate_dim\": 0} | truncate_dim is not a positive integer",
                "[] | is not a JSON object"
            })
    void namesWhatIsWrongInTheFile(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining(SentenceConfig.FILE)
                .hasMessageContaining(message);
    }
}
