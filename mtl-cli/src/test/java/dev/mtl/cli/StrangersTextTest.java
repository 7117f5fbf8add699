package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Escape sequences in data reach neither the terminal nor the report. */
class StrangersTextTest {
    private static final String CLEAR = "\u001b[2J\u009b31m";

    @TempDir Path folder;

    @Test
    void areShownEscapedInMessagesResultsAndTheReport() throws IOException {
        var rows = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            rows.append(
                    "{\"text\": \"red \\u001b[2J\\u009b31m\", \"label\": \"%s\\u001b[2J\\u009b31m\"}\n"
                            .formatted(i % 2 == 0 ? "a" : "b"));
        }
        var data = Files.writeString(folder.resolve("data.jsonl"), rows);
        var output = folder.resolve("run");
        var config =
                ToyTask.configuration(
                        folder,
                        """
                        kind:
                          head: classification
                          data: {format: jsonl, train: "%1$s", validation: "%1$s", column: label}
                        """
                                .formatted(data),
                        "max_steps: 2",
                        output);

        var check = Call.mtl(folder, "data", "check", config.toString());
        var train = Call.mtl(folder, "train", config.toString());
        var model = output.toString();
        var predict = Call.mtl(folder, "predict", "--model", model, "red " + CLEAR);
        var json =
                Call.mtl(folder, "predict", "--model", model, "--format", "json", "red " + CLEAR);

        assertThat(train.code()).as(train.err()).isZero();
        for (var call : new Call[] {check, train, predict}) {
            assertThat(call.out() + call.err()).doesNotContain("\u001b", "\u009b");
        }
        assertThat(predict.out()).contains("\\u001b[2J");
        assertThat(json.json().getFirst().path("text").asText()).isEqualTo("red " + CLEAR);
        assertThat(folder.resolve("run.run/report.html"))
                .content()
                .contains("\\u001b[2J")
                .doesNotContain("\u001b", "\u009b");
    }
}
