package dev.mtl.train.collective;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/** The cores of a machine, divided among the processes that run on it. */
public final class ProcessCores {
    /** Of the running Linux: the same in all containers of a machine. */
    private static final Path MACHINE = Path.of("/proc/sys/kernel/random/boot_id");

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";

    private ProcessCores() {}

    /**
     * How many cores this process should use: those that its launcher has bound it to, or an equal
     * part of those that it shares with other processes.
     */
    public static int of(Collective processes) {
        var all =
                processes.allGather(own().getBytes(StandardCharsets.UTF_8)).stream()
                        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                        .toList();
        return share(all, processes.rank(), Runtime.getRuntime().availableProcessors());
    }

    /** The machine and the cores of this process. */
    private static String own() {
        try {
            var allowed =
                    Files.readAllLines(STATUS).stream()
                            .filter(line -> line.startsWith(ALLOWED))
                            .map(line -> line.substring(ALLOWED.length()).strip())
                            .findFirst()
                            .orElse("");
            return Files.readString(MACHINE).strip() + " " + allowed;
        } catch (IOException e) {
            return System.getProperty("os.name") + " ";
        }
    }

    /**
     * The part of a process.
     *
     * @param all the machine and the cores of each process, such as {@code id 0-3,8}; no cores
     *     where they are not known
     * @param available cores to this process
     */
    static int share(List<String> all, int rank, int available) {
        var own = all.get(rank);
        long sharing =
                all.stream()
                        .filter(other -> machine(other).equals(machine(own)))
                        .filter(other -> overlap(cores(other), cores(own)))
                        .count();
        return Math.toIntExact(Math.max(1, available / sharing));
    }

    private static String machine(String process) {
        return process.substring(0, process.indexOf(' '));
    }

    private static String cores(String process) {
        return process.substring(process.indexOf(' ') + 1);
    }

    private static boolean overlap(String cores, String others) {
        return cores.equals(others) || parse(cores).intersects(parse(others));
    }

    private static BitSet parse(String list) {
        var cores = new BitSet();
        for (var range : list.isEmpty() ? new String[0] : list.split(",", -1)) {
            var ends = range.split("-", -1);
            cores.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
        return cores;
    }
}
