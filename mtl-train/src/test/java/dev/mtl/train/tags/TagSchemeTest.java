package dev.mtl.train.tags;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.List;

/** The same entities in every scheme. */
class TagSchemeTest {
    private static List<String> tags(String tags) {
        return Arrays.asList(tags.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        // Two entities of one type side by side, one of another type behind them, one alone.
        "BIO2, B-x I-x I-x B-x B-y I-y O B-x",
        "IOB1, I-x I-x I-x B-x I-y I-y O I-x",
        "IOBES, B-x I-x E-x S-x B-y E-y O S-x",
        "IOBES, B-x M-x E-x S-x B-y E-y O S-x",
        "BILOU, B-x I-x L-x U-x B-y L-y O U-x"
    })
    void everySchemeBecomesBio2(TagScheme scheme, String tags) {
        assertThat(TagScheme.of(List.of(tags(tags)))).isEqualTo(scheme);
        assertThat(scheme.toBio2(tags(tags))).isEqualTo(tags("B-x I-x I-x B-x B-y I-y O B-x"));
        assertThat(scheme.mistakes(tags(tags))).isZero();
        assertThat(scheme.unended(tags(tags))).isZero();
    }

    @Test
    void theSchemeIsThatOfTheWholeFile() {
        var begun = tags("O I-x");
        assertThat(TagScheme.of(List.of(begun))).isEqualTo(TagScheme.IOB1);
        assertThat(TagScheme.of(List.of(begun, tags("B-x I-x")))).isEqualTo(TagScheme.BIO2);
        assertThat(TagScheme.of(List.of(begun, tags("S-x")))).isEqualTo(TagScheme.IOBES);
    }

    @Test
    void anEntityWithoutABeginIsBegunAndCounted() {
        assertThat(TagScheme.BIO2.toBio2(tags("B-x O I-x I-y I-y")))
                .isEqualTo(tags("B-x O B-x B-y I-y"));
        assertThat(TagScheme.BIO2.mistakes(tags("B-x O I-x I-y I-y"))).isEqualTo(2);
        assertThat(TagScheme.IOBES.toBio2(tags("O E-x O I-x E-x")))
                .isEqualTo(tags("O B-x O B-x I-x"));
        assertThat(TagScheme.IOBES.mistakes(tags("O E-x O I-x E-x"))).isEqualTo(2);
    }

    @Test
    void aTypeMayHaveDashesAndBeAsLongAsItLikes() {
        assertThat(TagScheme.IOB1.toBio2(tags("I-creative-work I-creative-work B-creative-work")))
                .isEqualTo(tags("B-creative-work I-creative-work B-creative-work"));
    }

    @Test
    void typesWithoutPrefixesBesideOAreEntities() {
        var tags = tags("PER PER LOC O ORG OBJ OBJ O art-painting art-painting");
        assertThat(TagScheme.of(List.of(tags))).isEqualTo(TagScheme.IO);
        assertThat(TagScheme.IO.toBio2(tags))
                .isEqualTo(
                        tags(
                                "B-PER I-PER B-LOC O B-ORG B-OBJ I-OBJ O B-art-painting"
                                        + " I-art-painting"));
        assertThat(TagScheme.IO.mistakes(tags)).isZero();
        assertThat(TagScheme.IO.allows("PER")).isTrue();
    }

    @Test
    void tagsOfSingleWordsStayAsTheyAre() {
        var tags = tags("NN S IN -LRB- B");
        assertThat(TagScheme.of(List.of(tags))).isEqualTo(TagScheme.NONE);
        assertThat(TagScheme.NONE.toBio2(tags)).isEqualTo(tags);
        assertThat(TagScheme.NONE.allows("NN")).isTrue();
        assertThat(TagScheme.BIO2.allows("NN")).isFalse();
        assertThat(TagScheme.BIO2.allows("O")).isTrue();
    }

    @Test
    void noEntityAtAllIsNoScheme() {
        assertThat(TagScheme.of(List.of(tags("O O")))).isEqualTo(TagScheme.NONE);
        assertThat(TagScheme.of(List.of())).isEqualTo(TagScheme.NONE);
    }

    @Test
    void entitiesThatAreNotEndedAreCounted() {
        assertThat(TagScheme.IOBES.unended(tags("B-x O B-x B-x E-x B-x I-x O I-x"))).isEqualTo(4);
        assertThat(TagScheme.IOBES.unended(tags("B-x I-y E-y B-x S-x B-x"))).isEqualTo(3);
        assertThat(TagScheme.BILOU.unended(tags("B-x I-x L-x U-x B-x U-x"))).isEqualTo(1);
        assertThat(TagScheme.BIO2.unended(tags("B-x O I-x"))).isZero();
    }
}
