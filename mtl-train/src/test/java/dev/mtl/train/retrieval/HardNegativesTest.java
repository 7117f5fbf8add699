package dev.mtl.train.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.retrieval.HardNegatives.Choice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

@ExtendWith(LeavesNoTensorBehind.class)
class HardNegativesTest {
    /** Texts are angles in degrees; their embeddings have these directions. */
    private static float[][] directions(List<String> angles) {
        return angles.stream()
                .map(Double::parseDouble)
                .map(Math::toRadians)
                .map(angle -> new float[] {(float) Math.cos(angle), (float) Math.sin(angle)})
                .toArray(float[][]::new);
    }

    private static Dataset rows(String label, List<List<String>> texts) {
        var examples = new ArrayList<Example>();
        for (int i = 0; i < texts.size(); i++) {
            examples.add(
                    new Example(
                            i + 1,
                            texts.get(i).stream().map(PreTokenizedText::of).toList(),
                            Map.of(
                                    "t",
                                    label.isEmpty()
                                            ? new Target.Unlabelled()
                                            : new Target.Category(label + i % 2))));
        }
        return new Dataset("rows", List.of("t"), examples);
    }

    private static List<List<String>> mine(HardNegatives mining, Choice choice) {
        var corpus = mining.corpus();
        return mining
                .mine(
                        directions(
                                mining.anchors().stream().map(HardNegatives.Anchor::text).toList()),
                        directions(corpus),
                        choice,
                        done -> {})
                .stream()
                .map(own -> own.stream().map(corpus::get).toList())
                .toList();
    }

    private static final Dataset PAIRS =
            rows(
                    "",
                    List.of(
                            List.of("0", "20"),
                            List.of("50", "60"),
                            List.of("0", "25", "30"),
                            List.of("90", "95")));

    @Test
    void takesTheNearestThatAreNotTheAnchorsOwn() {
        var mining = new HardNegatives(List.of(PAIRS), "t", List.of("10", "0"), 1);
        assertThat(mining.corpus()).containsExactly("20", "60", "25", "30", "95", "10", "0");
        assertThat(mine(mining, new Choice(2, 1, 9, -2, 2, false, 1)))
                .containsExactly(
                        List.of("10", "30"),
                        List.of("30", "25"),
                        List.of("10", "30"),
                        List.of("60", "30"));
    }

    @Test
    void leavesOutWhatIsNearerThanTheOwnTextLessAMargin() {
        var mining = new HardNegatives(List.of(PAIRS), "t", List.of("10"), 1);
        // cosines of 0: 10 .98, own 20 .94 and 25 .91, 30 .87, 60 .5
        assertThat(mine(mining, new Choice(9, 1, 9, 0, 1, false, 1)).getFirst())
                .containsExactly("30", "60", "95");
        assertThat(mine(mining, new Choice(9, 1, 9, 0.1, 1, false, 1)).getFirst())
                .containsExactly("60", "95");
        assertThat(mine(mining, new Choice(9, 1, 9, 0, 0.4, false, 1)).getFirst())
                .containsExactly("95");
    }

    @Test
    void takesRanksOfARange() {
        var mining = new HardNegatives(List.of(PAIRS), "t", List.of("10"), 1);
        assertThat(mine(mining, new Choice(9, 2, 3, -2, 2, false, 1)).getFirst())
                .containsExactly("30", "60");
        var drawn = mine(mining, new Choice(1, 1, 4, -2, 2, true, 5));
        assertThat(drawn).isEqualTo(mine(mining, new Choice(1, 1, 4, -2, 2, true, 5)));
        assertThat(drawn).allSatisfy(own -> assertThat(own).hasSize(1));
    }

    @Test
    void textsOfTheSameLabelAreAnchorsOwn() {
        var labelled =
                rows(
                        "side",
                        List.of(
                                List.of("0"),
                                List.of("5"),
                                List.of("10"),
                                List.of("15"),
                                List.of("20"),
                                List.of("80")));
        var mining = new HardNegatives(List.of(labelled), "t", List.of(), 3);
        assertThat(mining.anchors())
                .hasSize(6)
                .allSatisfy(anchor -> assertThat(anchor.positive()).isNotEqualTo(anchor.text()));
        var mined = mine(mining, new Choice(9, 1, 9, -2, 2, false, 1));
        for (int i = 0; i < mined.size(); i++) {
            var anchor = mining.anchors().get(i);
            var others =
                    anchor.label().equals("side0")
                            ? List.of("5", "15", "80")
                            : List.of("0", "10", "20");
            assertThat(mined.get(i)).containsExactlyInAnyOrderElementsOf(others);
        }
    }

    @Test
    void oneTextWithoutALabelHasNoOwnText() {
        var alone = rows("", List.of(List.of("1")));
        assertThatThrownBy(() -> new HardNegatives(List.of(alone), "t", List.of(), 1))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("has one text and no label");
        assertThatThrownBy(() -> new Choice(1, 5, 4, 0, 1, false, 1))
                .hasMessage("the ranks 5-4 are none; the first is 1");
    }
}
