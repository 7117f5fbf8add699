package dev.mtl.bench.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Kills training processes (SIGKILL), resumes them until they finish, and compares the bytes of
 * each finished model with those of a run that was never killed. Each run replaces an earlier one.
 *
 * <p>Half of the kills come at a random moment, half at a system call that changes files: strace
 * ends the process as it enters the call, so that every state between two changes is reached.
 */
public final class Kills {
    /** A training that is not killed takes about this long. */
    private static final int LATEST_MILLIS = 6_000;

    private final Path folder;
    private final Random random;
    private final KilledProcess training;
    private final Map<String, Integer> moments = new TreeMap<>();
    private int kills;

    private Kills(Path folder, KilledProcess training, long seed) {
        this.folder = folder;
        this.training = training;
        this.random = new Random(seed);
    }

    /** Takes a new folder, the number of kills and a seed. */
    public static void main(String[] args) throws Exception {
        var folder = Files.createDirectories(Path.of(args[0]));
        int wanted = Integer.parseInt(args[1]);
        var training = new KilledProcess(TinyRun.write(folder));
        var campaign = new Kills(folder, training, Long.parseLong(args[2]));
        var earlier = folder.resolve("earlier");
        training.finish(earlier, List.of("--set", "training.seed=6"));
        var uninterrupted = folder.resolve("uninterrupted");
        var calls = training.finish(uninterrupted, List.of());
        var expected = digests(uninterrupted);
        int runs = 0;
        int equal = 0;
        while (campaign.kills < wanted) {
            var output = folder.resolve("run-" + runs++);
            copy(earlier, output);
            copy(runOf(earlier), runOf(output));
            campaign.killUntilFinished(output, calls, wanted);
            equal += expected.equals(digests(output)) ? 1 : 0;
            System.out.printf(
                    Locale.ROOT,
                    "%d kills, %d runs, %d with the bytes of the run that was not killed%n",
                    campaign.kills,
                    runs,
                    equal);
        }
        campaign.moments.forEach((moment, count) -> System.out.println(count + " " + moment));
        System.exit(equal == runs ? 0 : 1);
    }

    private void killUntilFinished(Path output, Map<String, Integer> calls, int wanted)
            throws Exception {
        while (true) {
            var options = isBegun(output) ? List.of("--resume") : List.<String>of();
            KilledProcess.End end;
            if (kills >= wanted) {
                training.finish(output, options);
                return;
            } else if (calls.isEmpty() || random.nextBoolean()) {
                end = training.killAfter(random.nextInt(LATEST_MILLIS), output, options);
            } else {
                var names = List.copyOf(calls.keySet());
                var call = names.get(random.nextInt(names.size()));
                int number = 1 + random.nextInt(calls.getOrDefault(call, 1));
                end = training.killAt(call, number, output, options);
            }
            if (!end.killed()) {
                return;
            }
            kills++;
            moments.merge(end.moment(), 1, Integer::sum);
            requireModel(output);
        }
    }

    /** Whether the new run has a checkpoint: it has moved the earlier one away before. */
    private static boolean isBegun(Path output) throws IOException {
        var run = runOf(output);
        var checkpoints = run.resolve("checkpoints");
        if (!Files.exists(run.resolveSibling(run.getFileName() + ".previous"))
                || !Files.isDirectory(checkpoints)) {
            return false;
        }
        try (var all = Files.list(checkpoints)) {
            return all.anyMatch(path -> path.getFileName().toString().matches("step-\\d+"));
        }
    }

    /** Between the two renames of a replacement the model is at {@code .previous}. */
    private void requireModel(Path output) throws IOException {
        var previous = output.resolveSibling(output.getFileName() + ".previous");
        if (!isWhole(output) && !isWhole(previous)) {
            throw new IllegalStateException(output + ": neither the old nor the new model is left");
        }
    }

    private boolean isWhole(Path model) throws IOException {
        var expected = folder.resolve("uninterrupted");
        try (var files = Files.walk(expected)) {
            for (var file : files.filter(path -> path.toString().endsWith("tensors")).toList()) {
                var other = model.resolve(expected.relativize(file).toString());
                if (!Files.exists(other) || Files.size(other) != Files.size(file)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Path runOf(Path output) {
        return output.resolveSibling(output.getFileName() + ".run");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** SHA-256 of all weights of a model, by file. */
    private static Map<String, String> digests(Path model)
            throws IOException, NoSuchAlgorithmException {
        var digests = new TreeMap<String, String>();
        try (var files = Files.walk(model)) {
            for (var file :
                    files.filter(path -> path.toString().endsWith(".safetensors")).toList()) {
                var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                digests.put(model.relativize(file).toString(), HexFormat.of().formatHex(digest));
            }
        }
        return digests;
    }
}
