package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.InferenceListener;
import dev.mtl.core.MtlException;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Tensor;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** Calls with very many texts, and threads that are interrupted while they load. */
@Timeout(120)
class EncoderLimitsTest {
    private static final int AT_ONCE = 65_536;

    @TempDir Path folder;
    private ModelDirectory model = new ModelDirectory("none yet", Path.of(""), Path.of(""));

    @BeforeEach
    void writeModel() {
        model = TinyModel.write(folder.resolve("model"), 1, 0.1);
    }

    @Test
    void aListOfMoreTextsThanFitIntoMemoryIsReadInParts() {
        var kinds = new String[] {"a", "b", "the", "red song"};
        var texts = IntStream.range(0, AT_ONCE + 5).mapToObj(i -> kinds[i % 4]).toList();
        try (var encoder = SentenceEncoder.load(model, EncoderOptions.defaults().withWorkers(2))) {
            var sizes = new ArrayList<Integer>();
            encoder.addListener(
                    new InferenceListener() {
                        @Override
                        public void onCall(Call call) {
                            sizes.add(call.texts());
                        }
                    });
            var embeddings = encoder.encode(texts);

            assertThat(sizes).containsExactly(AT_ONCE, 5);
            assertThat(embeddings).hasDimensions(AT_ONCE + 5, TinyModel.HIDDEN);
            for (int i = AT_ONCE - 4; i < embeddings.length; i++) {
                assertThat(embeddings[i]).containsExactly(embeddings[i % 4], Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void anInterruptedThreadThatLoadsIsToldSo() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> SentenceEncoder.load(model, EncoderOptions.defaults()))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("interrupted")
                .hasMessageNotContaining("null");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anInterruptAtAnyMomentOfLoadingIsNamedAndLeavesNothing() throws InterruptedException {
        long before = Tensor.liveCount();
        var random = new Random(5);
        int interrupted = 0;
        for (int i = 0; i < 60; i++) {
            var failure = new AtomicReference<Throwable>();
            var loading =
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, e) -> failure.set(e))
                            .start(
                                    () ->
                                            SentenceEncoder.load(model, EncoderOptions.defaults())
                                                    .close());
            Thread.sleep(0, random.nextInt(1_000_000));
            Thread.sleep(random.nextInt(12));
            loading.interrupt();
            loading.join();
            if (failure.get() != null) {
                interrupted++;
                assertThat(failure.get())
                        .isInstanceOf(MtlException.class)
                        .hasMessageContaining("interrupted")
                        .hasMessageNotContaining("null");
            }
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
        System.out.println(interrupted + " of 60 loads were interrupted");
    }
}
