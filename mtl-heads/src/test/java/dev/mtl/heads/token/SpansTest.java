package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.heads.token.Spans.Span;

import org.junit.jupiter.api.Test;

import java.util.List;

/** The rules of conlleval.pl (startOfChunk, endOfChunk), cases worked out by hand. */
class SpansTest {
    private static List<Span> spans(String tags) {
        return Spans.of(tags.isEmpty() ? List.of() : List.of(tags.split(" ")));
    }

    @Test
    void readsBio() {
        assertThat(spans("O B-PER I-PER O B-LOC"))
                .containsExactly(new Span("PER", 1, 3), new Span("LOC", 4, 5));
    }

    @Test
    void anOrphanInsideTagBeginsAnEntity() {
        assertThat(spans("O I-PER I-PER O")).containsExactly(new Span("PER", 1, 3));
    }

    @Test
    void aTypeThatChangesInsideBeginsAnotherEntity() {
        assertThat(spans("B-PER I-LOC I-LOC"))
                .containsExactly(new Span("PER", 0, 1), new Span("LOC", 1, 3));
    }

    @Test
    void aBeginTagSplitsNeighboursOfOneType() {
        assertThat(spans("B-PER B-PER I-PER"))
                .containsExactly(new Span("PER", 0, 1), new Span("PER", 1, 3));
    }

    @Test
    void readsIob1WhereOnlyNeighboursHaveABeginTag() {
        assertThat(spans("I-PER I-PER B-PER I-LOC"))
                .containsExactly(
                        new Span("PER", 0, 2), new Span("PER", 2, 3), new Span("LOC", 3, 4));
    }

    @Test
    void readsIobes() {
        assertThat(spans("S-PER B-LOC I-LOC E-LOC S-LOC O E-PER"))
                .containsExactly(
                        new Span("PER", 0, 1),
                        new Span("LOC", 1, 4),
                        new Span("LOC", 4, 5),
                        new Span("PER", 6, 7));
    }

    @Test
    void anEntityMayEndTheSentence() {
        assertThat(spans("O B-PER I-PER")).containsExactly(new Span("PER", 1, 3));
    }

    @Test
    void anEmptySentenceHasNone() {
        assertThat(spans("")).isEmpty();
        assertThat(spans("O O")).isEmpty();
    }

    @Test
    void aTypeMayHaveDashes() {
        assertThat(spans("B-art-work I-art-work")).containsExactly(new Span("art-work", 0, 2));
    }

    @Test
    void aTagWithoutAPrefixIsTheTypeOfItsWordAlone() {
        assertThat(spans("PER PER LOC O"))
                .containsExactly(
                        new Span("PER", 0, 1), new Span("PER", 1, 2), new Span("LOC", 2, 3));
        assertThat(spans("NNP B I-"))
                .containsExactly(new Span("NNP", 0, 1), new Span("B", 1, 2), new Span("I-", 2, 3));
    }

    @Test
    void aTypeThatBeginsWithOIsNotOutside() {
        assertThat(spans("ORG O OBJ"))
                .containsExactly(new Span("ORG", 0, 1), new Span("OBJ", 2, 3));
    }

    @Test
    void aTypeWithADashButNoPrefixKeepsItsWholeName() {
        assertThat(spans("art-painting O")).containsExactly(new Span("art-painting", 0, 1));
    }

    @Test
    void readsBilou() {
        assertThat(spans("U-PER B-LOC L-LOC L-LOC"))
                .containsExactly(
                        new Span("PER", 0, 1), new Span("LOC", 1, 3), new Span("LOC", 3, 4));
    }
}
