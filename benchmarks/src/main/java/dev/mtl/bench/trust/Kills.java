package dev.mtl.bench.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Kills training processes at random moments (SIGKILL), resumes them until they finish, and
 * compares the bytes of each finished model with those of a run that was never killed.
 */
public final class Kills {
    private static final List<String> SETTINGS =
            List.of(
                    "training.max_steps=60",
                    "training.evaluate_every=10 steps",
                    "training.checkpoint_every=3 steps");

    /** Longer than a process takes that is not killed. */
    private static final int LATEST_MILLIS = 6_000;

    private static final int TIME_LIMIT_SECONDS = 300;

    private final Path config;
    private final Path folder;
    private final Random random;
    private int kills;

    private Kills(Path config, Path folder, long seed) {
        this.config = config;
        this.folder = folder;
        this.random = new Random(seed);
    }

    /** Takes a configuration, an empty folder, the number of kills and a seed. */
    public static void main(String[] args) throws Exception {
        int wanted = Integer.parseInt(args[2]);
        var campaign = new Kills(Path.of(args[0]), Path.of(args[1]), Long.parseLong(args[3]));
        var expected = campaign.uninterrupted();
        int runs = 0;
        int equal = 0;
        while (campaign.kills < wanted) {
            var output = campaign.folder.resolve("run-" + runs++);
            campaign.killUntilFinished(output);
            boolean same = expected.equals(digests(output));
            equal += same ? 1 : 0;
            System.out.printf(
                    Locale.ROOT,
                    "%d kills, %d runs, %d with the bytes of the run that was not killed%n",
                    campaign.kills,
                    runs,
                    equal);
        }
        System.exit(equal == runs ? 0 : 1);
    }

    private Map<String, String> uninterrupted() throws Exception {
        var output = folder.resolve("uninterrupted");
        int code = await(start(output, List.of("--overwrite")));
        if (code != 0) {
            throw new IllegalStateException("the run that is not killed ended with code " + code);
        }
        return digests(output);
    }

    private void killUntilFinished(Path output) throws Exception {
        while (true) {
            var process =
                    start(output, begun(output) ? List.of("--resume") : List.of("--overwrite"));
            boolean finished =
                    process.waitFor(random.nextInt(LATEST_MILLIS), TimeUnit.MILLISECONDS);
            if (!finished) {
                process.destroyForcibly();
                process.waitFor();
                kills++;
            } else if (process.exitValue() == 0) {
                return;
            } else {
                throw new IllegalStateException(
                        "training ended with code "
                                + process.exitValue()
                                + " after "
                                + kills
                                + " kills, see "
                                + log(output));
            }
        }
    }

    /** Whether there is something to resume. */
    private static boolean begun(Path output) throws IOException {
        var checkpoints = output.resolveSibling(output.getFileName() + ".run/checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return false;
        }
        try (var all = Files.list(checkpoints)) {
            return all.anyMatch(path -> path.getFileName().toString().matches("step-\\d+"));
        }
    }

    private Process start(Path output, List<String> more) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.mtl.cli.Main"));
        command.addAll(List.of("train", config.toString(), "--output", output.toString()));
        for (var setting : SETTINGS) {
            command.addAll(List.of("--set", setting));
        }
        command.addAll(more);
        var log = ProcessBuilder.Redirect.appendTo(log(output).toFile());
        return new ProcessBuilder(command).redirectOutput(log).redirectError(log).start();
    }

    private static Path log(Path output) {
        return output.resolveSibling(output.getFileName() + ".log");
    }

    private static int await(Process process) throws InterruptedException {
        if (!process.waitFor(TIME_LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("training took more than " + TIME_LIMIT_SECONDS + " s");
        }
        return process.exitValue();
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
