package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.torch.runtime.Threads;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.ProcessCores;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.run.Trainer;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** What the processes of a run agree on before its first step. */
final class RunTogether {
    private final Collective processes;
    private final boolean resume;

    /**
     * Begins a run.
     *
     * @param resume whether process 0 resumes; what the others say does not count
     */
    RunTogether(Collective processes, boolean resume) {
        this.processes = processes;
        this.resume = processes.allGather(new byte[] {(byte) (resume ? 1 : 0)}).getFirst()[0] == 1;
    }

    /** Whether the run continues from a checkpoint. */
    boolean resume() {
        return resume;
    }

    /** Runs the work of this process, with the cores that are its own as native threads. */
    <T> T onItsCores(RunConfig config, Supplier<T> work) {
        if (processes.size() == 1) {
            return work.get();
        }
        int cores = ProcessCores.of(processes);
        var workers = config.training().workers();
        return Threads.withThreads(workers == null ? cores : workers, work::get);
    }

    /**
     * Gives all processes the weights and the state of process 0.
     *
     * @param identity of the run in this process
     * @throws ConfigurationException if a process has another configuration or other data
     */
    void begin(Trainer trainer, RunIdentity identity) {
        if (processes.size() == 1) {
            return;
        }
        var all = processes.allGather(bytes(identity));
        for (int rank = 1; rank < all.size(); rank++) {
            var other = new String(all.get(rank), StandardCharsets.UTF_8);
            var first = new String(all.getFirst(), StandardCharsets.UTF_8);
            if (!other.equals(first)) {
                throw new ConfigurationException(
                        "%s has another %s than %s; give all processes the same files"
                                .formatted(
                                        processes.name(rank),
                                        configuration(other).equals(configuration(first))
                                                ? "training or validation data"
                                                : "configuration",
                                        processes.name(0)));
            }
        }
        trainer.replicate(processes);
    }

    private static byte[] bytes(RunIdentity identity) {
        return (String.join("\n", identity.config())
                        + "\0"
                        + identity.data()
                        + " "
                        + identity.validation())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String configuration(String identity) {
        return identity.substring(0, identity.indexOf('\0'));
    }
}
