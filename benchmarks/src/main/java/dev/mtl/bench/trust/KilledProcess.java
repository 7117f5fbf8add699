package dev.mtl.bench.trust;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs {@code mtl train} in processes that are killed at a time, or at a system call. */
final class KilledProcess {
    /**
     * How a process ended.
     *
     * @param moment the system call that it was about to make, if that was asked for
     */
    record End(boolean killed, String moment) {}

    /** The calls that change what is on the disk, but for the bytes of files. */
    private static final List<String> CALLS =
            List.of("rename", "unlink", "rmdir", "mkdir", "fsync");

    private static final String STRACE = "/usr/bin/strace";
    private static final Pattern CALL = Pattern.compile("^\\d+ +(\\w+)\\(.*?(/.*)[\">]");
    private static final int TIME_LIMIT_SECONDS = 300;
    private static final int KILLED = 137;

    private final Path config;
    private final Path trace;

    KilledProcess(Path config) {
        this.config = config;
        this.trace = config.resolveSibling("trace");
        if (!Files.isExecutable(Path.of(STRACE))) {
            System.out.println("no " + STRACE + ": all kills come at random moments");
        }
    }

    /**
     * Trains without a kill.
     *
     * @return how often each system call was made; empty without strace
     */
    Map<String, Integer> finish(Path output, List<String> options) throws Exception {
        var calls = new TreeMap<String, Integer>();
        var strace = Files.isExecutable(Path.of(STRACE));
        // with a filter in the kernel, which kills cannot be combined with
        var before = strace ? strace("--seccomp-bpf") : List.<String>of();
        requireEnd(start(before, output, options), output);
        if (strace) {
            try (var lines = Files.lines(trace)) {
                lines.map(CALL::matcher)
                        .filter(call -> call.find() && CALLS.contains(call.group(1)))
                        .forEach(call -> calls.merge(call.group(1), 1, Integer::sum));
            }
        }
        return calls;
    }

    /** Trains, and kills the process after a time unless it has finished. */
    End killAfter(int millis, Path output, List<String> options) throws Exception {
        var process = start(List.of(), output, options);
        if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
            requireEnd(process, output);
            return new End(false, "");
        }
        process.destroyForcibly().waitFor();
        return new End(true, "at a random moment");
    }

    /** Trains, and kills the process as it makes one of its system calls for the n-th time. */
    End killAt(String call, int number, Path output, List<String> options) throws Exception {
        var kill = "--inject=" + call + ":signal=SIGKILL:when=" + number;
        var process = start(strace(kill), output, options);
        if (requireEnd(process, output) == KILLED) {
            return new End(true, lastCall());
        }
        return new End(false, "");
    }

    private List<String> strace(String option) {
        var calls = "--trace=" + String.join(",", CALLS);
        return List.of(STRACE, "-f", "-y", "-qq", "--output=" + trace, calls, option);
    }

    /** The last call, and what it was for. */
    private String lastCall() throws IOException {
        try (var lines = Files.lines(trace)) {
            return lines.map(CALL::matcher)
                    .filter(Matcher::find)
                    .map(call -> call.group(1) + ", " + purpose(call.group(2)))
                    .reduce("", (before, last) -> last);
        }
    }

    private static String purpose(String path) {
        if (path.contains(".run.previous")) {
            return "the earlier run";
        } else if (path.contains(".previous")) {
            return "the previous model";
        } else if (path.contains("/step-")) {
            return path.contains(".writing") ? "a new checkpoint" : "an old checkpoint";
        } else if (path.contains(".run")) {
            return "the run's directory";
        }
        return path.contains(".writing") ? "a new model" : "others";
    }

    private static int requireEnd(Process process, Path output) throws Exception {
        if (!process.waitFor(TIME_LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IllegalStateException("training took more than " + TIME_LIMIT_SECONDS + " s");
        }
        int code = process.exitValue();
        if (code != 0 && code != KILLED) {
            throw new IllegalStateException(
                    "training ended with code " + code + ", see " + log(output));
        }
        return code;
    }

    private Process start(List<String> before, Path output, List<String> options)
            throws IOException {
        var command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-XX:ErrorFile=" + output + ".hs_err"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.mtl.cli.Main"));
        command.addAll(List.of("train", config.toString(), "--output", output.toString()));
        command.addAll(options);
        if (!options.contains("--resume")) {
            command.add("--overwrite");
        }
        var log = ProcessBuilder.Redirect.appendTo(log(output));
        return new ProcessBuilder(command).redirectOutput(log).redirectError(log).start();
    }

    private static File log(Path output) {
        return output.resolveSibling(output.getFileName() + ".log").toFile();
    }
}
