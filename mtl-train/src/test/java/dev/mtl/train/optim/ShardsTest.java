package dev.mtl.train.optim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.stream.IntStream;

class ShardsTest {
    private static final List<Long> ELEMENTS = List.of(100_000L, 1L, 7_000L, 64L, 20_001L, 3L);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64})
    void eachElementHasOneOwnerAndEachProcessAboutAsMany(int processes) {
        var pieces = new Shards(ELEMENTS, processes, 0).pieces();
        for (int i = 0; i < ELEMENTS.size(); i++) {
            int parameter = i;
            long next = 0;
            for (var piece : pieces.stream().filter(own -> own.parameter() == parameter).toList()) {
                assertThat(piece.from()).isEqualTo(next).satisfies(ShardsTest::isAligned);
                next = piece.to();
            }
            assertThat(next).isEqualTo(ELEMENTS.get(parameter));
        }
        long all = ELEMENTS.stream().mapToLong(Long::longValue).sum();
        for (int rank = 0; rank < processes; rank++) {
            int owner = rank;
            long owned =
                    pieces.stream()
                            .filter(piece -> piece.owner() == owner)
                            .mapToLong(piece -> piece.to() - piece.from())
                            .sum();
            assertThat(owned).isBetween(all / processes - 128, all / processes + 128);
        }
    }

    /** The kernel's vectors do not straddle two pieces, so its bits are those of one. */
    private static void isAligned(Long from) {
        assertThat(from % 64).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aProcessKnowsItsOwnPieces(int processes) {
        for (int rank = 0; rank < processes; rank++) {
            int own = rank;
            var shards = new Shards(ELEMENTS, processes, rank);
            assertThat(
                            IntStream.range(0, ELEMENTS.size())
                                    .mapToObj(shards::own)
                                    .filter(piece -> piece != null))
                    .isEqualTo(
                            shards.pieces().stream()
                                    .filter(piece -> piece.owner() == own)
                                    .toList());
        }
    }
}
