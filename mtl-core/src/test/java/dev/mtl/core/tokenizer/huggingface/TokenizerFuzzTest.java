package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class TokenizerFuzzTest {
    /** In the nightly profile 20,000. */
    private static final int COUNT = Integer.getInteger("mtl.fuzz.tokenizers", 1500);

    private static final long SEED = Long.getLong("mtl.fuzz.seed", 20_261);

    @TempDir Path folder;

    @Test
    void noDamagedTokenizerEndsTheProcess() throws Exception {
        var process =
                ChildJvm.run(
                        folder,
                        "512m",
                        60 + COUNT / 50,
                        DamagedTokenizers.class,
                        folder.toString(),
                        String.valueOf(SEED),
                        String.valueOf(COUNT));
        assertThat(process.code())
                .as("seed %d, tokenizer %s: %s", SEED, at(), process.output())
                .isZero();
        System.out.println(process.lastLine());
    }

    private String at() throws Exception {
        var at = folder.resolve("at");
        return Files.exists(at)
                ? Files.readString(at) + ": " + Files.readString(folder.resolve("damaged.json"))
                : "none";
    }
}
