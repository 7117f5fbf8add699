package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/** A plugin's head that reads two texts together, from YAML to predictions. */
class PairReadTogetherTest {
    @TempDir static Path folder;
    private static PairPlugin plugin;

    @BeforeAll
    static void buildAndTrain() throws IOException {
        var sources =
                PluginJar.pairs(
                        "HeadInput.SENTENCES",
                        "HeadInput.PAIR",
                        "@Override public TextArity textArity() { return TextArity.exactly(2); }",
                        "",
                        "var input = inputs.sentences();",
                        "",
                        "input.select(1, 0).sub(input.select(1, 1))",
                        "inputs.pair()",
                        "off.square()",
                        "off");
        plugin = PairPlugin.train(folder, sources, "", "epochs: 40, base_lr: 5.0e-3");
    }

    @Test
    void learnsARelationThatNeitherTextShowsAlone() {
        plugin.assertLearned();
    }

    @Test
    void isLoadedEvaluatedAndAsked() throws IOException {
        plugin.assertLoadedEvaluatedAndAsked();
    }

    @Test
    void itsInputIsNamedBesideItsWeights() {
        assertThat(plugin.model().resolve("heads/alike/head.json"))
                .content()
                .contains("\"input\" : \"PAIR\"");
    }
}
