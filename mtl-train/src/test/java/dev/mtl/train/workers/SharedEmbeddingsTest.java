package dev.mtl.train.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.testing.ThreadProcesses;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.atomic.AtomicIntegerArray;

@Timeout(30)
class SharedEmbeddingsTest {
    private static final int TEXTS = 2 * SharedEmbeddings.PIECE + 100;

    /** An embedding that says which text it is of, and beside which others it was computed. */
    private static float[][] encode(int from, int to) {
        var rows = new float[to - from][];
        for (int i = from; i < to; i++) {
            rows[i - from] = new float[] {i, from, to};
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void anyNumberOfProcessesHasTheEmbeddingsOfOne(int count) {
        var one =
                new SharedEmbeddings(Collective.alone(), TEXTS).ofAll(SharedEmbeddingsTest::encode);

        var several =
                ThreadProcesses.run(
                        count,
                        group ->
                                new SharedEmbeddings(group, TEXTS)
                                        .ofAll(SharedEmbeddingsTest::encode));

        assertThat(one).hasDimensions(TEXTS, 3);
        assertThat(several).allSatisfy(own -> assertThat(own).isDeepEqualTo(one));
    }

    @Test
    void eachTextIsReadByOneProcess() {
        var read = new AtomicIntegerArray(TEXTS);
        ThreadProcesses.run(
                2,
                group ->
                        new SharedEmbeddings(group, TEXTS)
                                .ofAll(
                                        (from, to) -> {
                                            for (int i = from; i < to; i++) {
                                                read.incrementAndGet(i);
                                            }
                                            return encode(from, to);
                                        }));

        for (int i = 0; i < TEXTS; i++) {
            assertThat(read.get(i)).isOne();
        }
    }

    @Test
    void whatProcess0HasKeptTheOthersReceive() {
        var kept = encode(0, TEXTS);

        var several =
                ThreadProcesses.run(
                        3,
                        group -> {
                            var sharing = new SharedEmbeddings(group, TEXTS);
                            assertThat(sharing.isKept("key", group.rank() == 0)).isTrue();
                            return sharing.ofFirst(group.rank() == 0 ? kept : new float[0][]);
                        });

        assertThat(several).allSatisfy(own -> assertThat(own).isDeepEqualTo(kept));
    }

    @Test
    void whatAnotherProcessHasKeptDoesNotCount() {
        assertThat(
                        ThreadProcesses.run(
                                2,
                                group ->
                                        new SharedEmbeddings(group, TEXTS)
                                                .isKept("key", group.rank() == 1)))
                .containsExactly(false, false);
    }

    @Test
    void aProcessWithOtherTextsIsNamed() {
        assertThatThrownBy(
                        () ->
                                ThreadProcesses.run(
                                        2,
                                        group ->
                                                new SharedEmbeddings(group, TEXTS)
                                                        .isKept("key" + group.rank(), false)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "process 1 has another teacher, or other training or validation data, than"
                                + " process 0; give all processes the same files");
    }
}
