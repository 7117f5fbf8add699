package dev.mtl.core.model.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;

class WindowedTextTest {
    private static final List<String> WORDS =
            List.of("the", "book", "monday", "paris", "xyz", "blue", "\uFFFD", ",", "queen");

    @TempDir private Path folder;

    @Test
    void everyWordOfALongDocumentHasTheEmbeddingOfItsWindow() {
        var random = new SplittableRandom(5);
        var words = new ArrayList<String>();
        for (int i = 0; i < 5000; i++) {
            words.add(WORDS.get(random.nextInt(WORDS.size())));
        }
        long before = Tensor.liveCount();
        try (var model =
                        ModelFiles.create(
                                TinyModel.write(folder, 1, 0),
                                Readout.MEAN,
                                32,
                                new LinkedHashMap<>(),
                                Device.CPU);
                var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var text = model.tokenizer().tokenize(PreTokenizedText.ofWords(words));
            var windows = text.windows();
            var known = WindowedText.encode(model, model.encoder(), windows, List.of());
            var encoding = WindowedText.batch(model, text, windows).tokens().encodings().getFirst();
            assertThat(known.last().shape()).containsExactly(1, encoding.length(), 32);
            var first = firstPieces(encoding.wordIds(), words.size());
            var rows = known.last().select(0, 0).toFloatRows();
            int compared = 0;
            double most = 0;
            for (var tokens : windows) {
                var window = tokens.words();
                var part = PreTokenizedText.ofWords(words.subList(window.from(), window.to()));
                var batch = model.batch(List.of(model.tokenizer().tokenize(part)));
                var own = model.encoder().forward(batch.tokens()).select(0, 0).toFloatRows();
                var pieces =
                        firstPieces(
                                batch.tokens().encodings().getFirst().wordIds(),
                                window.to() - window.from());
                for (int word = window.keepFrom(); word < window.keepTo(); word++) {
                    int piece = pieces[word - window.from()];
                    assertThat(first[word] < 0).isEqualTo(piece < 0);
                    if (piece >= 0) {
                        most = Math.max(most, difference(rows[first[word]], own[piece]));
                        compared++;
                    }
                }
            }
            assertThat(compared).isGreaterThan(4000);
            assertThat(most).isLessThan(1e-5);
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    private static double difference(float[] a, float[] b) {
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    /** For each word its first token; words come in order, each once. */
    private static int[] firstPieces(int[] wordIds, int words) {
        var first = new int[words];
        java.util.Arrays.fill(first, -1);
        int last = -1;
        for (int i = 0; i < wordIds.length; i++) {
            assertThat(wordIds[i] < 0 || wordIds[i] >= last).isTrue();
            if (wordIds[i] >= 0 && first[wordIds[i]] < 0) {
                first[wordIds[i]] = i;
            }
            last = Math.max(last, wordIds[i]);
        }
        return first;
    }
}
