package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

@Timeout(60)
class SentenceEncoderTest {
    private static final List<String> TEXTS =
            List.of("play the song", "", "a", "book a table for two at the blue door", "the song");

    @TempDir static Path folder;
    private static ModelDirectory model = new ModelDirectory("none yet", Path.of(""), Path.of(""));

    @BeforeAll
    static void writeModel() {
        model = TinyModel.write(folder.resolve("model"), 1, 0.1);
    }

    private static SentenceEncoder load(EncoderOptions options) {
        return SentenceEncoder.load(model, options.withWorkers(2));
    }

    private static SentenceEncoder load() {
        return load(EncoderOptions.defaults());
    }

    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(1e-5f));
        }
    }

    @Test
    void givesAnEmbeddingForEachTextInOrder() {
        try (var encoder = load()) {
            var embeddings = encoder.encode(TEXTS);

            assertThat(embeddings.length).isEqualTo(TEXTS.size());
            assertThat(encoder.dimensions()).isEqualTo(TinyModel.HIDDEN);
            for (int i = 0; i < TEXTS.size(); i++) {
                assertClose(embeddings[i], encoder.encode(TEXTS.get(i)));
            }
            assertThat(embeddings[0]).isNotEqualTo(embeddings[4]);
        }
    }

    @Test
    @EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
    void aGpuGivesTheEmbeddingsOfACpu() {
        var many = IntStream.range(0, 300).mapToObj(i -> "play the song " + "for ".repeat(i % 9));
        var texts = Stream.concat(TEXTS.stream(), many).toList();
        var cuda = EncoderOptions.defaults().withDevice(Device.cuda(0));
        try (var cpu = load();
                var gpu = load(cuda)) {
            var expected = cpu.encode(texts);
            var embeddings = gpu.encode(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertClose(embeddings[i], expected[i]);
            }
            assertThat(Arrays.deepEquals(gpu.encode(texts), embeddings)).isTrue();
        }
    }

    @Test
    void noTextsAreNoEmbeddings() {
        try (var encoder = load()) {
            assertThat(encoder.encode(List.of()).length).isZero();
        }
    }

    @Test
    void dropoutIsForTrainingOnly() {
        try (var encoder = load()) {
            assertThat(encoder.encode("play the song")).isEqualTo(encoder.encode("play the song"));
        }
    }

    /** But for the last bits: calls share batches, and these depend on the padding. */
    private static void assertSame(float[][] actual, float[][] expected) {
        assertThat(actual.length).isEqualTo(expected.length);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).containsExactly(expected[i], Offset.offset(1e-6f));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyThreadsGetTheSameEmbeddings(boolean virtual) throws Exception {
        try (var encoder = load();
                var threads =
                        virtual
                                ? Executors.newVirtualThreadPerTaskExecutor()
                                : Executors.newFixedThreadPool(8)) {
            var expected = encoder.encode(TEXTS);
            Callable<float[][]> call = () -> encoder.encode(TEXTS);
            var futures = IntStream.range(0, 64).mapToObj(i -> threads.submit(call)).toList();

            for (var future : futures) {
                assertSame(future.get(), expected);
            }
        }
    }

    @Test
    void closeWaitsForRunningCallsAndLaterOnesAreRefused() throws Exception {
        var encoder = load();
        var many = IntStream.range(0, 400).mapToObj(i -> "play the song " + i).toList();
        var expected = encoder.encode(many);
        var started = new CountDownLatch(4);
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var callers = new ArrayList<Thread>();
        for (int c = 0; c < 4; c++) {
            callers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            for (int round = 0; round < 1000; round++) {
                                                if (round == 1) {
                                                    started.countDown();
                                                }
                                                var got = encoder.encode(many);
                                                assertSame(got, expected);
                                            }
                                        } catch (ConfigurationException closed) {
                                            assertThat(closed).hasMessage("this encoder is closed");
                                        } catch (Throwable e) {
                                            failures.add(e);
                                        }
                                    }));
        }
        started.await();

        encoder.close();

        for (var caller : callers) {
            caller.join();
        }
        assertThat(failures).isEmpty();
        assertThatThrownBy(() -> encoder.encode("a"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("this encoder is closed");
    }

    @Test
    void closingTwiceIsClosingOnce() {
        var encoder = load();

        encoder.close();
        encoder.close();
    }

    @Test
    void keepsNoTensors() {
        long before = Tensor.liveCount();
        try (var encoder = load()) {
            encoder.encode(TEXTS);
            long loaded = Tensor.liveCount();

            for (int i = 0; i < 200; i++) {
                encoder.encode(TEXTS);
            }

            assertThat(Tensor.liveCount()).isEqualTo(loaded);
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void poolsAndNormalizesAsAsked() {
        try (var mean = load();
                var unit = load(EncoderOptions.defaults().withNormalization(Normalization.L2));
                var cls = load(EncoderOptions.defaults().withPooling(Pooling.CLS));
                var norm =
                        load(
                                EncoderOptions.defaults()
                                        .withNormalization(Normalization.LAYER_NORM))) {
            var plain = mean.encode("play the song");
            double length = Math.sqrt(sum(plain, v -> v * v));
            var scaled = new float[plain.length];
            for (int i = 0; i < plain.length; i++) {
                scaled[i] = (float) (plain[i] / length);
            }

            assertClose(unit.encode("play the song"), scaled);
            assertThat(cls.encode("play the song")).isNotEqualTo(plain);
            var centred = norm.encode("play the song");
            assertThat(sum(centred, v -> v)).isCloseTo(0, within(1e-4));
            assertThat(sum(centred, v -> v * v) / centred.length).isCloseTo(1, within(1e-2));
        }
    }

    private static double sum(float[] values, java.util.function.DoubleUnaryOperator of) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> of.applyAsDouble(values[i]))
                .sum();
    }

    private static Offset<Double> within(double value) {
        return Offset.offset(value);
    }

    @Test
    void followsTheModelsOwnModules() throws IOException {
        var directory = TinyModel.write(folder.resolve("own"), 1, 0);
        SentenceModules.write(
                directory.path(),
                new Readout(Pooling.CLS, Normalization.L2),
                new Parameters(Map.of()),
                TinyModel.HIDDEN,
                8);

        try (var own = SentenceEncoder.load(directory, EncoderOptions.defaults());
                var same =
                        load(
                                EncoderOptions.defaults()
                                        .withPooling(Pooling.CLS)
                                        .withNormalization(Normalization.L2)
                                        .withMaxLength(8))) {
            var text = "book a table for two at the blue door";
            assertThat(own.encode(text)).isEqualTo(same.encode(text));
        }
    }

    @Test
    void cutsTextsToTheModelsPositions() {
        try (var encoder = load()) {
            assertThat(encoder.encode("song ".repeat(500)))
                    .isEqualTo(encoder.encode("song ".repeat(62)));
        }
    }

    @Test
    void theEmbeddingOfALongTextIsTheMeanOfItsWindows() {
        var first = "song ".repeat(62);
        var second = "play ".repeat(31);
        var windows = EncoderOptions.defaults().withLongTexts(LongTexts.WINDOW);
        try (var plain = load();
                var encoder = load(windows);
                var unit = load(windows.withNormalization(Normalization.L2))) {
            var parts = plain.encode(List.of(first, second));
            var mean = new float[TinyModel.HIDDEN];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (2 * parts[0][i] + parts[1][i]) / 3;
            }
            var embeddings = encoder.encode(List.of("a", first + second, "the song"));

            assertClose(embeddings[1], mean);
            assertClose(embeddings[0], plain.encode("a"));
            assertClose(embeddings[2], plain.encode("the song"));
            assertClose(encoder.encode(first + second), mean);
            double length = Math.sqrt(sum(mean, v -> v * v));
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) (mean[i] / length);
            }
            assertClose(unit.encode(first + second), mean);
        }
    }

    @Test
    void refusesMorePositionsThanTheModelHas() {
        assertThatThrownBy(() -> load(EncoderOptions.defaults().withMaxLength(65)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("max_length 65: this model takes 3 to 64 tokens");
    }

    @Test
    void aModelThatDoesNotLoadLeavesNothingBehind() throws IOException {
        var broken = TinyModel.write(folder.resolve("broken"), 1, 0);
        var config = broken.config();
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"));
        long before = Tensor.liveCount();

        assertThatThrownBy(() -> SentenceEncoder.load(broken, EncoderOptions.defaults()))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("16 tensors missing: encoder.layer.2.");

        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void anErrorOfOneCallLeavesTheEncoderUsable() throws InterruptedException, ExecutionException {
        try (var encoder = load()) {
            var withNull = new ArrayList<>(TEXTS);
            @SuppressWarnings("NullAway") // what a caller without checks may do
            String nothing = null;
            withNull.add(nothing);

            assertThatThrownBy(() -> encoder.encode(withNull))
                    .isInstanceOf(NullPointerException.class);

            assertThat(encoder.encode("a")).hasSize(TinyModel.HIDDEN);
        }
    }
}
