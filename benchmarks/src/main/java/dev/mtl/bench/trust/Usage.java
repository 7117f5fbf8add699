package dev.mtl.bench.trust;

import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process uses. */
record Usage(long residentMegabytes, long tensors) {
    /** Less than this is the collector's and the allocator's unrest. */
    private static final int UNREST_MEGABYTES = 48;

    /** Of this process. */
    static Usage now() throws IOException {
        return new Usage(residentMegabytes("self"), Tensor.liveCount());
    }

    static long residentMegabytes(String process) throws IOException {
        try (var lines = Files.lines(Path.of("/proc", process, "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    / 1024;
        }
    }

    boolean isMoreThan(Usage earlier) {
        return tensors > earlier.tensors
                || residentMegabytes > earlier.residentMegabytes + UNREST_MEGABYTES;
    }

    @Override
    public String toString() {
        return residentMegabytes + " MB resident, " + tensors + " live tensors";
    }
}
