package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

class TokenizerFuzzTest {
    /** In the nightly profile 20,000. */
    private static final int COUNT = Integer.getInteger("mtl.fuzz.tokenizers", 1500);

    private static final long SEED = Long.getLong("mtl.fuzz.seed", 20_261);

    @TempDir Path folder;

    @Test
    void noDamagedTokenizerEndsTheProcess() throws Exception {
        var output = folder.resolve("output");
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:-CreateCoredumpOnCrash",
                                "-XX:ErrorFile=" + folder.resolve("hs_err"),
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                DamagedTokenizers.class.getName(),
                                folder.toString(),
                                String.valueOf(SEED),
                                String.valueOf(COUNT))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        boolean ended = process.waitFor(60 + COUNT / 50, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        assertThat(ended && process.exitValue() == 0)
                .as("seed %d, tokenizer %s: %s", SEED, at(), Files.readString(output))
                .isTrue();
        System.out.print(Files.readString(output).lines().reduce("", (a, b) -> b) + "\n");
    }

    private String at() throws Exception {
        var at = folder.resolve("at");
        return Files.exists(at)
                ? Files.readString(at) + ": " + Files.readString(folder.resolve("damaged.json"))
                : "none";
    }
}
