package dev.mtl.bench.trust;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Embeds, trains and predicts under limits of memory: of the heap, of the address space, and of a
 * control group. Each process works, or ends with an exit code and says why; the kernel may kill it
 * at the limit of a group. None may crash, and no file may be damaged.
 */
public final class MemoryLimits {
    private static final int KILLED = 137;

    /** {@code ulimit -v}, in megabytes. */
    private static final int[] ADDRESS_SPACES = {1000, 2000, 3000, 4000, 6000, 8000, 12_000};

    private static final int[] GROUPS = {128, 192, 256, 384, 512, 1024};
    private static final List<Path> GROUP_ROOTS =
            List.of(Path.of("/sys/fs/cgroup/memory"), Path.of("/sys/fs/cgroup"));

    private final Path folder;
    private final Path config;
    private final Path model;
    private int crashes;

    private MemoryLimits(Path folder, Path model) {
        this.folder = folder;
        this.config = folder.resolve("config.yaml");
        this.model = model;
    }

    /** Takes a new folder. */
    public static void main(String[] args) throws Exception {
        var folder = Path.of(args[0]);
        var limits = new MemoryLimits(folder, Leaks.trained(folder));
        for (int heap : new int[] {16, 32, 64, 128}) {
            limits.all("-Xmx" + heap + "m", "", "-Xmx" + heap + "m");
        }
        for (int megabytes : ADDRESS_SPACES) {
            limits.all(
                    "ulimit -v " + megabytes + " MB", "ulimit -v " + megabytes * 1024 + " && ", "");
        }
        for (int megabytes : GROUPS) {
            var group = group(megabytes);
            if (group == null) {
                System.out.println("no control group can be made here");
                break;
            }
            limits.all(
                    "a group of " + megabytes + " MB",
                    "echo $$ > " + group.resolve("cgroup.procs") + " && ",
                    "");
            Files.delete(group);
        }
        System.exit(limits.crashes == 0 ? 0 : 1);
    }

    private void all(String name, String before, String option) throws Exception {
        var texts = TinyRun.texts(50, 60, 5);
        var embed = new ArrayList<>(List.of("embed", "--model", model.toString()));
        embed.addAll(texts);
        var predict = new ArrayList<>(List.of("predict", "--model", model.toString()));
        predict.addAll(texts);
        var output = folder.resolve("limited").toString();
        var train = List.of("train", config.toString(), "--output", output, "--overwrite");
        System.out.printf(
                "%s: embed %s, predict %s, train %s%n",
                name,
                run(before, option, embed),
                run(before, option, predict),
                run(before, option, train));
    }

    private String run(String before, String option, List<String> arguments) throws Exception {
        var log = folder.resolve("limited.log");
        var error = folder.resolve("hs_err");
        var command = new ArrayList<>(List.of("/bin/sh", "-c", before + "exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + error));
        if (!option.isEmpty()) {
            command.add(option);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.mtl.cli.Main"));
        command.addAll(arguments);
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            crashes++;
            return "HANGS";
        }
        int code = process.exitValue();
        var lines = Files.readString(log).lines().toList();
        if (code == 0) {
            return "works";
        } else if (code == KILLED) {
            return "killed by the kernel";
        }
        // the JVM's own end where the address space is too small for it, with exit code 1
        if (lines.stream().anyMatch(line -> line.contains("There is insufficient memory"))) {
            Files.deleteIfExists(error);
            return "ended by the JVM: insufficient memory";
        }
        boolean crash = code > 128 || Files.exists(error);
        crashes += crash ? 1 : 0;
        return (crash ? "CRASHES" : "refused") + " (" + code + ": " + lines.getLast() + ")";
    }

    private static @Nullable Path group(int megabytes) {
        for (var root : GROUP_ROOTS) {
            try {
                var group = Files.createDirectory(root.resolve("mtl-" + megabytes));
                var limit = group.resolve("memory.max");
                Files.writeString(
                        Files.exists(limit) ? limit : group.resolve("memory.limit_in_bytes"),
                        String.valueOf((long) megabytes << 20));
                return group;
            } catch (IOException e) {
                // Not there, or read-only: the next one.
            }
        }
        return null;
    }
}
