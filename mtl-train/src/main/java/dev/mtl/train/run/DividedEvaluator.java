package dev.mtl.train.run;

import dev.mtl.core.InferenceListener;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.answer.DividedCall;
import dev.mtl.core.nn.Devices;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.step.several.SeveralProcesses;
import dev.mtl.train.workers.Workers;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * Predicts labelled data in all processes at once, for process 0: each computes some batches, and
 * process 0 decodes what they send. All call this at the same place of the training.
 */
final class DividedEvaluator {
    /**
     * Tokens of the batches whose logits are in memory at once, or more if there are many cores.
     */
    private static final long ROUND = 1 << 18;

    private final MultiTaskModel model;
    private final Workers workers;
    private final Collective processes;
    private final int[] counts;
    private final int threadsAlone;

    /**
     * Predicts by a model.
     *
     * @param workers of this process
     */
    DividedEvaluator(MultiTaskModel model, Workers workers, Collective processes) {
        this.model = model;
        this.workers = workers;
        this.processes = processes;
        counts = SeveralProcesses.workersOfEach(processes, workers.count());
        // what is not divided has the cores of all processes of this machine
        threadsAlone =
                processes.size() > 1
                        ? Math.max(workers.count(), Devices.workers(model.device(), null))
                        : workers.count();
    }

    /** What each process may use. */
    int threads() {
        return workers.count();
    }

    /** What process 0 may use while the others wait. */
    int threadsAlone() {
        return threadsAlone;
    }

    /** Predicts every example in this process only. */
    ScoredData predictAlone(List<TokenizedDataset> datasets) {
        return new Evaluator(model, threadsAlone).predict(datasets, new InferenceListener() {});
    }

    /**
     * Predicts every example.
     *
     * @return in process 0 what {@link Evaluator#predict} would say, in the others nothing
     */
    Optional<ScoredData> predict(List<TokenizedDataset> datasets) {
        if (processes.size() == 1) {
            return Optional.of(predictAlone(datasets));
        }
        var parts = new ArrayList<ScoredData.Part>();
        for (var dataset : datasets) {
            if (dataset.examples().size() > 1) {
                var predictions = predict(dataset);
                if (processes.rank() == 0) {
                    parts.add(new ScoredData.Part(dataset, predictions));
                }
            } else if (processes.rank() == 0) {
                parts.addAll(predictAlone(List.of(dataset)).parts());
            }
        }
        return processes.rank() == 0 ? Optional.of(new ScoredData(model, parts)) : Optional.empty();
    }

    private List<SequencedMap<String, Prediction>> predict(TokenizedDataset dataset) {
        var call =
                new DividedCall(
                        model,
                        dataset.examples().stream().map(TokenizedExample::texts).toList(),
                        dataset.tasks());
        for (int start = 0; start < call.size(); ) {
            int end = endOfRound(call, start);
            round(call, start, end);
            start = end;
        }
        return processes.rank() == 0 ? call.predictions() : List.of();
    }

    private int endOfRound(DividedCall call, int start) {
        long most = Math.max(ROUND, 4 * call.tokens(start) * IntStream.of(counts).sum());
        long tokens = 0;
        int end = start;
        while (end < call.size() && tokens < most) {
            tokens += call.tokens(end++);
        }
        return end;
    }

    private void round(DividedCall call, int start, int end) {
        var batches = assign(call, start, end);
        var own = batches.get(processes.rank());
        if (processes.rank() > 0) {
            processes.gather(join(workers.all(tasks(own, call::logits))));
            return;
        }
        workers.all(tasks(own, batch -> answer(call, batch)));
        var received = processes.gather(new byte[0]);
        var decoding = new ArrayList<Callable<Boolean>>();
        for (int rank = 1; rank < batches.size(); rank++) {
            var messages = ByteBuffer.wrap(received.get(rank));
            for (int batch : batches.get(rank)) {
                var logits = new byte[messages.getInt()];
                messages.get(logits);
                decoding.add(
                        () -> {
                            call.answer(batch, logits);
                            return true;
                        });
            }
        }
        workers.all(decoding);
    }

    private static boolean answer(DividedCall call, int batch) {
        call.answer(batch);
        return true;
    }

    private interface Work<T> {
        T of(int batch);
    }

    private static <T> List<Callable<T>> tasks(List<Integer> batches, Work<T> work) {
        return batches.stream().map(batch -> (Callable<T>) () -> work.of(batch)).toList();
    }

    /** The batches of each process: about the same number of tokens for each worker. */
    private List<List<Integer>> assign(DividedCall call, int start, int end) {
        var batches = new ArrayList<List<Integer>>();
        var tokens = new double[counts.length];
        for (int rank = 0; rank < counts.length; rank++) {
            batches.add(new ArrayList<>());
        }
        for (int batch = start; batch < end; batch++) {
            int least = 0;
            for (int rank = 1; call.isDivisible(batch) && rank < counts.length; rank++) {
                if (tokens[rank] / counts[rank] < tokens[least] / counts[least]) {
                    least = rank;
                }
            }
            batches.get(least).add(batch);
            tokens[least] += call.tokens(batch);
        }
        return batches;
    }

    private static byte[] join(List<byte[]> messages) {
        int size = messages.stream().mapToInt(message -> Integer.BYTES + message.length).sum();
        var joined = ByteBuffer.allocate(size);
        messages.forEach(message -> joined.putInt(message.length).put(message));
        return joined.array();
    }
}
