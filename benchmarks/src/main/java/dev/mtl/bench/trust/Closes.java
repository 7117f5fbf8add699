package dev.mtl.bench.trust;

import dev.mtl.core.MtlException;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.torch.Tensor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Threads load a model, predict and embed with it while others interrupt them and close it at any
 * moment. A call returns an answer or throws an {@link MtlException} or {@link
 * IllegalStateException} that has a message; no tensor stays.
 */
public final class Closes {
    private static final int CALLERS = 6;

    private final Path model;
    private final List<String> texts = TinyRun.texts(500, 60, 4);
    private final Map<String, Integer> outcomes = new TreeMap<>();

    private Closes(Path model) {
        this.model = model;
    }

    /** Takes a new folder, the number of rounds, and a seed. */
    public static void main(String[] args) throws Exception {
        var closes = new Closes(Leaks.trained(Path.of(args[0])));
        int rounds = Integer.parseInt(args[1]);
        var random = new Random(Long.parseLong(args[2]));
        closes.load().close();
        long before = Tensor.liveCount();
        for (int round = 1; round <= rounds; round++) {
            closes.round(random);
            long left = Tensor.liveCount() - before;
            if (left != 0) {
                throw new IllegalStateException(left + " tensors left in round " + round);
            }
            if (round % Math.max(1, rounds / 5) == 0) {
                System.out.printf(
                        Locale.ROOT, "%d rounds, %s: %s%n", round, Usage.now(), closes.outcomes);
            }
        }
        System.exit(closes.outcomes.keySet().stream().anyMatch(o -> o.startsWith("!")) ? 1 : 0);
    }

    private Pipeline load() {
        return Pipeline.load(model);
    }

    private void round(Random random) throws InterruptedException {
        var loader = Thread.ofPlatform().start(() -> count(() -> load().close()));
        var pipeline = load();
        var callers = new ArrayList<Thread>();
        for (int i = 0; i < CALLERS; i++) {
            long seed = random.nextLong();
            callers.add(Thread.ofPlatform().start(() -> call(pipeline, new Random(seed))));
        }
        for (int i = random.nextInt(8); i > 0; i--) {
            Thread.sleep(random.nextInt(4));
            callers.get(random.nextInt(CALLERS)).interrupt();
        }
        Thread.sleep(random.nextInt(8));
        if (random.nextBoolean()) {
            loader.interrupt();
        }
        var closers =
                List.of(
                        Thread.ofPlatform().start(pipeline::close),
                        Thread.ofPlatform().start(pipeline::close));
        for (var thread : closers) {
            thread.join();
        }
        for (var thread : callers) {
            thread.join();
        }
        loader.join();
    }

    private void call(Pipeline pipeline, Random random) {
        for (int i = 0; i < 40; i++) {
            var text = texts.get(random.nextInt(texts.size()));
            count(() -> pipeline.analyze(text));
        }
    }

    private void count(Runnable call) {
        var outcome = "answered";
        try {
            call.run();
        } catch (MtlException | IllegalStateException e) {
            var message = String.valueOf(e.getMessage());
            outcome = message.contains("null") ? "! " + e : "refused: " + kind(message);
        } catch (RuntimeException | Error e) {
            outcome = "! " + e;
        }
        synchronized (outcomes) {
            outcomes.merge(outcome, 1, Integer::sum);
        }
    }

    private static String kind(String message) {
        return message.contains("closed")
                ? "closed"
                : message.contains("interrupted") ? "interrupted" : message;
    }
}
