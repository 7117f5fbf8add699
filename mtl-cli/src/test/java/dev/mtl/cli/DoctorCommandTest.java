package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

class DoctorCommandTest {
    @TempDir Path folder;

    private static JsonNode check(JsonNode result, String name) {
        for (var check : result.path("checks")) {
            if (check.path("name").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError("no check '" + name + "' in " + result);
    }

    @Test
    void printsAllFindingsInOneJsonObject() {
        var call = Call.mtl(folder, "doctor", "--format", "json");

        assertThat(call.code()).as(call.out()).isZero();
        assertThat(call.json()).hasSize(1);
        var result = call.json().getFirst();
        assertThat(result.path("ok").asBoolean()).isTrue();
        assertThat(result.path("checks"))
                .allSatisfy(
                        check ->
                                assertThat(check.fieldNames())
                                        .toIterable()
                                        .containsExactly("name", "level", "text", "advice"));
        assertThat(check(result, "jdk").path("text").asText())
                .contains(System.getProperty("java.home"));
        assertThat(check(result, "libtorch").path("text").asText())
                .matches("2\\.\\d+\\.\\d+ in /.*");
        assertThat(check(result, "cpu").path("text").asText())
                .contains(Runtime.getRuntime().availableProcessors() + " cores");
        assertThat(check(result, "tokenizers").path("level").asText()).isEqualTo("ok");
        assertThat(check(result, "tokenizers").path("text").asText()).contains(", cpu, in ");
        assertThat(check(result, "cache").path("text").asText()).contains(folder.toString());
        assertThat(check(result, "models").path("text").asText()).contains("none in the cache");
    }

    @Test
    void aCacheThatCannotBeWrittenIsAProblemWithAdvice() throws IOException {
        var file = Files.writeString(folder.resolve("file"), "in the way");

        var call = Call.mtl(file.resolve("cache"), "doctor");

        assertThat(call.code()).isEqualTo(1);
        assertThat(call.out())
                .containsPattern("problem +cache: .*cannot be written")
                .contains("-> set MTL_CACHE to a folder that can")
                .containsPattern("ok +libtorch: ");
    }

    @Test
    void verifyReportsAModelWithAChangedFile() throws IOException {
        var model = Files.createDirectories(folder.resolve("models/all-MiniLM-L6-v2"));
        var source = Call.mtl(folder, "models", "list", "--format", "json").json().get(1);
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(
                model.resolve("checksums.json"),
                """
                {"format": 2, "name": "all-MiniLM-L6-v2", "source": "%s",
                 "files": {"config.json": {"bytes": 2, "sha256": "%s"}}}
                """
                        .formatted(source.path("source").asText(), "0".repeat(64)));

        var quick = Call.mtl(folder, "doctor", "--format", "json");
        var thorough = Call.mtl(folder, "doctor", "--verify", "--format", "json");

        assertThat(quick.code()).as(quick.out()).isZero();
        assertThat(thorough.code()).isEqualTo(1);
        var check = check(thorough.json().getFirst(), "model all-MiniLM-L6-v2");
        assertThat(check.path("level").asText()).isEqualTo("problem");
        assertThat(check.path("text").asText()).contains("is damaged: config.json", "delete ");
    }

    @Test
    void reportsALibTorchThatCannotBeLoadedBesideTheOtherChecks() throws Exception {
        var nowhere = folder.resolve("nowhere").toString();
        var builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.mtl.cli.Main",
                        "doctor",
                        "--format",
                        "json");
        builder.environment().put("LIBTORCH_HOME", nowhere);
        builder.environment().put("MTL_CACHE", folder.resolve("cache").toString());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);

        var process = builder.start();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(1);
        var result = JsonMapper.builder().build().readTree(out);
        assertThat(result.path("ok").asBoolean(true)).isFalse();
        assertThat(check(result, "libtorch").path("level").asText()).isEqualTo("problem");
        assertThat(check(result, "libtorch").path("text").asText())
                .contains("LIBTORCH_HOME names " + nowhere);
        assertThat(check(result, "tokenizers").path("level").asText()).isEqualTo("ok");
    }
}
