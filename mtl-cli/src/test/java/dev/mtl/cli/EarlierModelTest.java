package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A training into a directory that has a model already. */
class EarlierModelTest {
    @TempDir Path folder;
    private Path config = Path.of("");
    private Path model = Path.of("");

    @BeforeEach
    void trainTheFirstModel() throws IOException {
        model = folder.resolve("model");
        config = ToyTask.write(folder, "max_steps: 30, seed: 5", model);
        assertThat(train().code()).isZero();
    }

    private Call train(String... more) {
        var args = new ArrayList<>(List.of("train", config.toString()));
        args.addAll(List.of(more));
        return Call.mtl(folder.resolve("cache"), args.toArray(String[]::new));
    }

    private Call trainOneStep(String... more) {
        var args = new ArrayList<>(List.of("--set", "training.max_steps=1"));
        args.addAll(List.of(more));
        return train(args.toArray(String[]::new));
    }

    private static byte[] weights(Path model) throws IOException {
        return Files.readAllBytes(model.resolve("model.safetensors"));
    }

    @Test
    void isNotReplacedUnlessTheUserSaysSo() throws IOException {
        var before = weights(model);

        var call = trainOneStep();

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err())
                .contains(
                        model + " has a model already, which training would replace. --overwrite",
                        "output.keep: 3",
                        "--resume");
        assertThat(weights(model)).isEqualTo(before);
        assertThat(folder.resolve("model.run.previous")).doesNotExist();
    }

    @Test
    void isReplacedWithOverwriteAndBothScoresArePrinted() throws IOException {
        var before = weights(model);

        var call = trainOneStep("--overwrite");

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(weights(model)).isNotEqualTo(before);
        assertThat(call.err())
                .containsPattern(
                        model
                                + ": intent accuracy [01]\\.\\d{4}, slots f1 [01]\\.\\d{4} \\(6"
                                + " texts\\); the model that was there before: intent accuracy"
                                + " 1\\.0000, slots f1 1\\.0000 \\(6 texts\\)\n");
        assertThat(folder.resolve("model.v1")).doesNotExist();
    }

    @Test
    void theLastOnesAreKeptBesideIt() throws IOException {
        var first = weights(model);
        var keep = new String[] {"--set", "output.keep=2", "--set", "training.max_steps=1"};

        var call = train(keep);

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.err()).contains(", now in " + folder.resolve("model.v1") + "\n");
        assertThat(weights(folder.resolve("model.v1"))).isEqualTo(first);
        var second = weights(model);
        assertThat(train(keep).code()).isZero();
        assertThat(train(keep).code()).isZero();
        assertThat(folder.resolve("model.v1")).doesNotExist();
        assertThat(weights(folder.resolve("model.v2"))).isEqualTo(second);
        assertThat(folder.resolve("model.v3")).isDirectoryContaining("glob:**mtl.json");
        assertThat(folder.resolve("model.v2/heads/slots/head.json")).isNotEmptyFile();
    }

    @Test
    void aResumedRunGoesOnWithItsOwnModel() {
        var resumed = train("--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).doesNotContain("that was there before");
    }
}
