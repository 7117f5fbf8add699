package dev.mtl.train.sampling;

import dev.mtl.core.MtlException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.streaming.StreamedDataset;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The place in a streamed data set that training has come to. */
final class StreamCursor implements AutoCloseable {
    /** Makes its draws independent of those of data sets in memory. */
    private static final long SALT = 0x73747265616dL;

    private final StreamedDataset data;
    private final MultiTaskModel model;
    private final long seed;
    private StreamedDataset.@Nullable Pass open;
    private int pass = -1;
    private int position;

    /**
     * The beginning of a data set.
     *
     * @param place of the data set among all, from 0
     */
    StreamCursor(StreamedDataset data, MultiTaskModel model, long seed, int place) {
        this.data = data;
        this.model = model;
        this.seed = RandomStream.mix(seed, SALT, place);
    }

    /** The examples of a step. Steps in order are read on; another place is searched anew. */
    List<TokenizedExample> take(BatchSampler.Draw draw) {
        var current = open;
        if (current == null || draw.pass() != pass || draw.start() != position) {
            close();
            var tasks = data.tasks().stream().map(model::task).toList();
            current =
                    data.open(
                            RandomStream.mix(seed, draw.pass()),
                            draw.start(),
                            examples ->
                                    examples.stream()
                                            .flatMap(own -> TrainingWindows.divide(own, tasks))
                                            .toList());
            open = current;
            pass = draw.pass();
        }
        var examples = current.take(draw.end() - draw.start());
        position = draw.end();
        if (examples.isEmpty()) {
            throw new MtlException(
                    "%s: of the %d rows of a step, no task can use one"
                            .formatted(data.source(), draw.end() - draw.start()));
        }
        return examples;
    }

    @Override
    public void close() {
        var current = open;
        open = null;
        if (current != null) {
            current.close();
        }
    }
}
