package dev.mtl.train.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.DatasetReader;
import dev.mtl.train.loading.TaskFactory;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.streaming.StreamedSources;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.testing.TokenProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Which rows of streamed data make which step. */
@ExtendWith(LeavesNoTensorBehind.class)
class StreamedStepsTest {
    private static final int ROWS = 300;
    private static final int EPOCH = 38;

    private static final HeadRegistry HEADS = HeadRegistry.load().with(new TokenProvider());

    @TempDir private Path folder;

    private Collection<TaskConfig> tasks(String data) throws IOException {
        return tasks("side", "majority", data);
    }

    private Collection<TaskConfig> tasks(String name, String head, String data) throws IOException {
        var file = folder.resolve("x.yaml");
        Files.writeString(file, "tasks: {%s: {head: %s, data: %s}}".formatted(name, head, data));
        return ConfigLoader.load(file, Map.of(), List.of(), HEADS).tasks().values();
    }

    private MultiTaskModel model() {
        return TinyTraining.model(TinyModel.write(folder.resolve("backbone"), 1, 0), 0);
    }

    private static TrainingSet stream(
            MultiTaskModel model,
            Collection<TaskConfig> tasks,
            Map<String, ? extends Iterable<Example>> inMemory) {
        var streams = StreamedSources.scan(tasks, inMemory, HEADS, null, (s, rows) -> {});
        var config = TestConfigs.training("{batch_size: 8}");
        return new TrainingSet(model, config, streams.encode(new DatasetEncoder(model, tasks)));
    }

    private Path rows(int count) throws IOException {
        return Files.write(
                folder.resolve("rows.tsv"),
                IntStream.rangeClosed(0, count)
                        .mapToObj(
                                i ->
                                        i == 0
                                                ? "text\tlabel"
                                                : "the ".repeat(i % 5)
                                                        + "book\t"
                                                        + (i % 2 == 0 ? "queen" : "paris"))
                        .toList());
    }

    private static List<Integer> ids(TrainingSet training, int from, int to) {
        var ids = new ArrayList<Integer>();
        for (int step = from; step < to; step++) {
            training.step(step).stream()
                    .flatMap(batch -> batch.examples().stream())
                    .map(TokenizedExample::example)
                    .map(Example::id)
                    .sorted() // batches are by length
                    .forEach(ids::add);
        }
        return ids;
    }

    private Collection<TaskConfig> streamed(Path file) throws IOException {
        return tasks(
                "{format: tsv, train: '%s', streaming: true, buffer_size: 100}".formatted(file));
    }

    @Test
    void eachEpochIsAnotherShuffleOfAllRows() throws IOException {
        var tasks = streamed(rows(ROWS));
        try (var model = model();
                var training = stream(model, tasks, Map.of())) {
            assertThat(training.sampler().stepsPerEpoch()).isEqualTo(EPOCH);
            var first = ids(training, 0, EPOCH);
            var second = ids(training, EPOCH, 2 * EPOCH);
            var all = IntStream.rangeClosed(1, ROWS).boxed().toList();
            assertThat(first).containsExactlyInAnyOrderElementsOf(all);
            assertThat(second).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(first);
            // places in the buffer are drawn with equal probability: few rows stay near theirs
            assertThat(IntStream.range(0, ROWS).filter(i -> Math.abs(first.get(i) - i) < 10))
                    .hasSizeLessThan(ROWS / 3);
            // and no row is read before the buffer has come to it
            assertThat(IntStream.range(0, ROWS)).allMatch(i -> first.get(i) <= i + 8 + 100);
        }
    }

    @Test
    void anyStepIsTheSameWhereverReadingBegins() throws IOException {
        var tasks = streamed(rows(ROWS));
        try (var model = model();
                var whole = stream(model, tasks, Map.of());
                var resumed = stream(model, tasks, Map.of())) {
            ids(whole, 0, EPOCH + 11);
            assertThat(ids(resumed, EPOCH + 11, EPOCH + 15))
                    .isEqualTo(ids(whole, EPOCH + 11, EPOCH + 15));
        }
    }

    @Test
    void shardsAreReadInAnotherOrderInEachEpoch() throws IOException {
        for (int shard = 0; shard < 6; shard++) {
            Files.copy(rows(20), folder.resolve("shard-" + shard + ".tsv"));
        }
        var tasks =
                tasks(
                        "{format: tsv, train: '%s/shard-*.tsv', streaming: true, buffer_size: 1}"
                                .formatted(folder));
        try (var model = model();
                var training = stream(model, tasks, Map.of())) {
            var first = ids(training, 0, 15);
            var second = ids(training, 15, 30);
            assertThat(first)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, 120).boxed().toList());
            assertThat(second).containsExactlyInAnyOrderElementsOf(first).isNotEqualTo(first);
        }
    }

    /** Examples that count how many of them have been made. */
    private record Counted(int size, AtomicInteger made) implements Iterable<Example> {
        @Override
        public Iterator<Example> iterator() {
            return IntStream.range(0, size)
                    .mapToObj(
                            i -> {
                                made.incrementAndGet();
                                return Example.of("the book " + i)
                                        .withLabel("side", i % 2 == 0 ? "queen" : "paris");
                            })
                    .iterator();
        }
    }

    @Test
    void noMoreRowsAreReadAheadThanBufferAndQueueHold() throws Exception {
        var examples = new Counted(5_000, new AtomicInteger());
        var tasks = tasks("{train: 'memory:train', streaming: true, buffer_size: 50}");
        try (var model = model();
                var training = stream(model, tasks, Map.of("memory:train", examples))) {
            examples.made().set(0);
            // the buffer, eight chunks that wait, one to be put there, one in the trainer's hands
            int most = 50 + 10 * 64;
            for (int step = 0; step < 20; step++) {
                training.step(step);
                Thread.sleep(step == 0 ? 500 : 5);
                assertThat(examples.made().get()).isLessThanOrEqualTo(most + 8 * step);
            }
            assertThat(examples.made().get()).isGreaterThan(50);
        }
    }

    @Test
    void theChecksumAndTheLabelsAreThoseOfTheRowsInMemory() throws IOException {
        var file = folder.resolve("x.conll");
        // IOB1; in one sentence a tag is missing, in one it is of another scheme
        Files.writeString(file, "a I-x\nb I-x\nc B-x\n\nd O\n\ne\n\nf I-y\ng NN\n\nh O\n");
        var data = "{format: conll, train: '%s', on_bad_row: skip%s}";
        var streamed = tasks("words", "tags", data.formatted(file, ", streaming: true"));
        var inMemory = tasks("words", "tags", data.formatted(file, ""));
        var scan = StreamedSources.scan(streamed, Map.of(), HEADS, null, (source, rows) -> {});
        var whole = DatasetReader.read(inMemory, Split.TRAIN);
        var targets =
                whole.getFirst().examples().stream()
                        .map(example -> Objects.requireNonNull(example.targets().get("words")))
                        .toList();
        assertThat(scan.labels("words"))
                .contains(TaskFactory.learnLabels(inMemory.iterator().next(), HEADS, targets))
                .contains(List.of("B-x", "I-x", "O"));
        try (var model = model()) {
            var stream = scan.encode(new DatasetEncoder(model, streamed)).getFirst();
            assertThat(stream.size()).isEqualTo(targets.size()).isEqualTo(3);
            assertThat(stream.checksum()).isEqualTo(RunIdentity.of("", whole, List.of()).data());
        }
    }
}
