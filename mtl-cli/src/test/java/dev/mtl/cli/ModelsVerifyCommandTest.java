package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class ModelsVerifyCommandTest {
    private static final String NAME = "hf:org/model";

    @TempDir Path cache;

    @Test
    void namesTheModelWithAFlippedBitAndFails() throws IOException {
        var folder = storedModel();
        assertThat(Call.mtl(cache, "models", "verify").out()).isEqualTo("ok       " + NAME + "\n");

        Files.writeString(folder.resolve("model.safetensors"), "weighus");

        for (var command : new String[][] {{"models", "verify"}, {"models", "verify", NAME}}) {
            var call = Call.mtl(cache, command);
            assertThat(call.code()).isEqualTo(1);
            assertThat(call.out())
                    .startsWith("PROBLEM  " + NAME + " is damaged: model.safetensors; delete ");
        }
        var json = Call.mtl(cache, "models", "verify", "--format", "json");
        assertThat(json.json().getFirst().path("ok").asBoolean()).isFalse();
        assertThat(Call.mtl(cache, "models", "pull", NAME).err()).contains(NAME + " is damaged");
        assertThat(Call.mtl(cache, "doctor", "--verify").out()).contains(NAME + " is damaged");
    }

    @Test
    void refusesANameThatIsNotInTheCache() {
        var call = Call.mtl(cache, "models", "verify", "all-MiniLM-L6-v2");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("'all-MiniLM-L6-v2' is not in the cache");
    }

    /** A model as the store keeps it, with a manifest of this version. */
    private Path storedModel() throws IOException {
        var folder = Files.createDirectories(cache.resolve("models/hf--org--model--main"));
        Files.writeString(folder.resolve("model.safetensors"), "weights");
        Files.writeString(
                folder.resolve("checksums.json"),
                """
                {"format": 2, "name": "hf:org/model", "source": "hf:org/model@main", "files": {
                  "model.safetensors": {"bytes": 7,
                    "sha256": "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"}}}
                """);
        return folder;
    }
}
