package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceTimeoutException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pipeline.Analysis;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.core.pipeline.TextPair;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

class PipelineTest {
    private static final HeadRegistry HEADS = HeadRegistry.load();
    private static final String TEXT = "play the blue room \uD83D\uDE00 for monday";

    @TempDir static Path folder;
    private static Path saved = Path.of("");

    @BeforeAll
    static void save() {
        var backbone = TinyModel.write(folder.resolve("backbone"), 5, 0.1);
        saved = folder.resolve("saved");
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put("intent", task("intent", "classification", "Book", "Play", "Ask"));
        tasks.put("slots", task("slots", "token-classification", "O", "B-day", "I-day"));
        tasks.put("alike", task("alike", "similarity"));
        try (var _ = RandomStream.open(9);
                var model = ModelFiles.create(backbone, Readout.MEAN, 24, tasks, Device.CPU)) {
            ModelWriter.save(model, backbone, saved, Map.of());
        }
    }

    private static Task task(String name, String type, String... labels) {
        var provider = HEADS.provider(type);
        return Task.create(name, provider, provider.defaults(), List.of(labels), TinyModel.HIDDEN);
    }

    private static Pipeline load() {
        return Pipeline.load(saved, PipelineOptions.defaults().withDevice("cpu"));
    }

    @Test
    void onePassGivesTheEmbeddingAndEveryTasksAnswer() {
        try (var pipeline = load()) {
            var analysis = pipeline.analyze(TEXT);

            assertThat(analysis.text()).isEqualTo(TEXT);
            assertThat(analysis.predictions()).containsOnlyKeys("intent", "slots");
            assertThat(analysis.embedding()).hasSize(pipeline.dimensions());
            var labels = analysis.labels("intent");
            assertThat(labels).hasSize(3);
            assertThat(labels.getFirst()).isEqualTo(analysis.label("intent"));
            assertThat(labels.stream().mapToDouble(label -> label.score()).sum())
                    .isCloseTo(1, within(1e-6));
            assertThat(analysis.entities("slots"))
                    .allSatisfy(
                            entity ->
                                    assertThat(TEXT.substring(entity.start(), entity.end()))
                                            .isEqualTo(entity.text()));
        }
    }

    @Test
    void theEmbeddingIsTheSentenceEncodersOfTheSameDirectory() {
        var options = EncoderOptions.defaults().withMaxLength(24);
        var files = ModelFiles.files(saved);
        try (var pipeline = load();
                var encoder = SentenceEncoder.load(files, options)) {
            assertThat(pipeline.analyze(TEXT).embedding())
                    .containsExactly(encoder.encode(TEXT), Offset.offset(1e-6f));
        }
    }

    @Test
    void pairsAreAnsweredByTheTasksThatTakeTwoTexts() {
        try (var pipeline = load()) {
            var analyses =
                    pipeline.analyzePairs(List.of(TextPair.of(TEXT, TEXT), TextPair.of("a", TEXT)));

            assertThat(analyses).allMatch(a -> a.predictions().keySet().equals(keys("alike")));
            assertThat(analyses.getFirst().embeddings()).hasSize(2);
            assertThatThrownBy(() -> analyses.getFirst().embedding())
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("embeddings()");
        }
    }

    private static java.util.Set<String> keys(String... keys) {
        return java.util.Set.of(keys);
    }

    @Test
    void tasksAndLabelsAreLimitedByTheOptions() {
        var options =
                PipelineOptions.defaults()
                        .withTasks("intent")
                        .withTopK(2)
                        .withPrecision(Precision.INT8)
                        .withMaxLength(8);
        try (var pipeline = Pipeline.load(saved, options)) {
            assertThat(pipeline.tasks()).containsExactly("intent");
            assertThat(pipeline.maxLength()).isEqualTo(8);
            var analysis = pipeline.analyze(TEXT);
            assertThat(analysis.predictions()).containsOnlyKeys("intent");
            assertThat(analysis.labels("intent")).hasSize(2);
        }
    }

    @Test
    void wrongNamesAreAnsweredByWhatThereIs() {
        assertThatThrownBy(
                        () -> Pipeline.load(saved, PipelineOptions.defaults().withTasks("intents")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no task 'intents'; this model has intent, slots, alike");
        try (var pipeline = load()) {
            var analysis = pipeline.analyze(TEXT);
            assertThatThrownBy(() -> analysis.label("slot"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage("no task 'slot' in this analysis; it has intent, slots");
            assertThatThrownBy(() -> analysis.label("slots"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage("task 'slots' does not give labels; tasks that do: intent");
            assertThatThrownBy(() -> analysis.entities("intent"))
                    .hasMessage("task 'intent' does not give entities; tasks that do: slots");
            assertThatThrownBy(() -> pipeline.analyzeExamples(List.of(List.of("a", "b", "c"))))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("no task of this model takes 3 texts");
        }
    }

    @Test
    void anEncoderIsNamedAsOne() {
        assertThatThrownBy(() -> Pipeline.load(folder.resolve("backbone")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("it is an encoder: mtl embed or SentenceEncoder");
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "INT8"})
    void callersOfManyVirtualThreadsGetTheAnswersOfOneCall(Precision precision) throws Exception {
        var texts = IntStream.range(0, 200).mapToObj(i -> TEXT + " x".repeat(i % 7)).toList();
        var options = PipelineOptions.defaults().withDevice("cpu").withPrecision(precision);
        try (var pipeline = Pipeline.load(saved, options);
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var expected = pipeline.analyze(texts);
            var answers = new ArrayList<Future<Analysis>>();
            for (var text : texts) {
                answers.add(callers.submit(() -> pipeline.analyze(text)));
            }
            for (int i = 0; i < texts.size(); i++) {
                var answer = answers.get(i).get();
                assertThat(answer.label("intent").name())
                        .isEqualTo(expected.get(i).label("intent").name());
                if (precision == Precision.FP32) { // int8 scales depend on the batch
                    assertThat(answer.embedding())
                            .containsExactly(expected.get(i).embedding(), Offset.offset(1e-5f));
                }
            }
            assertThat(pipeline.queuedTokens()).isZero();
        }
    }

    @Test
    void closingWaitsForCallsRefusesLaterOnesAndFreesEveryTensor() throws Exception {
        long before = Tensor.liveCount();
        var pipeline = load();
        var texts = IntStream.range(0, 2000).mapToObj(i -> TEXT + i).toList();
        var started = new CountDownLatch(1);
        try (var caller = Executors.newSingleThreadExecutor()) {
            var answers =
                    caller.submit(
                            () -> {
                                started.countDown();
                                return pipeline.analyze(texts);
                            });
            started.await();
            Thread.sleep(20);
            pipeline.close();
            assertThat(answers.get()).hasSize(2000);
        }
        pipeline.close();
        assertThatThrownBy(() -> pipeline.analyze(TEXT))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("this pipeline is closed");
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void aCallThatIsTooLateSaysHowLongItWaited() {
        var options = PipelineOptions.defaults().withTimeout(Duration.ofNanos(1));
        // so many that the answers are not there before this thread waits for them
        var texts = Collections.nCopies(2000, TEXT);
        try (var pipeline = Pipeline.load(saved, options)) {
            assertThatThrownBy(() -> pipeline.analyze(texts))
                    .isInstanceOf(InferenceTimeoutException.class)
                    .hasMessageContaining("0 ms");
            assertThat(pipeline.queuedTokens()).isZero();
        }
    }

    @Test
    void noTextsAreNoAnalysesAndAnEmptyTextIsAText() {
        try (var pipeline = load()) {
            assertThat(pipeline.analyze(List.of())).isEmpty();
            assertThat(pipeline.analyze("").embedding()).hasSize(pipeline.dimensions());
        }
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        var options = PipelineOptions.defaults();
        assertThatThrownBy(() -> options.withTopK(0)).hasMessage("topK is 0; it must be positive");
        assertThatThrownBy(() -> options.withTimeout(Duration.ZERO))
                .isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(() -> options.withPlugins(folder.resolve("none.jar")))
                .hasMessageContaining("no such file");
        assertThat(Files.exists(saved)).isTrue();
        assertThatThrownBy(() -> Pipeline.load(saved, options.withPrecision(Precision.BF16)))
                .hasMessageContaining("bf16 is for training");
    }
}
