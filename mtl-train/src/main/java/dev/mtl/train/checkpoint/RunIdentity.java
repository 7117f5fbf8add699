package dev.mtl.train.checkpoint;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.data.DataGroup;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What a run is, so that another one does not go on from its checkpoints.
 *
 * @param config the configuration in full, without what does not change the result
 * @param data a checksum of all training examples
 */
public record RunIdentity(List<String> config, String data) {
    /** Where a run writes and what it runs on may differ. */
    private static final List<String> FREE =
            List.of("dir:", "workers:", "device:", "checkpoint_every:", "keep_checkpoints:");

    public RunIdentity {
        config = List.copyOf(config);
    }

    /**
     * Identifies a run.
     *
     * @param printed the configuration as YAML, every key on a line
     */
    public static RunIdentity of(String printed, List<DataGroup> training) {
        var crc = new CRC32C();
        for (var group : training) {
            for (var example : group.examples()) {
                // the targets by name: a map's own order differs from process to process
                var text = example.texts() + " " + new TreeMap<>(example.targets());
                crc.update(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        return new RunIdentity(
                printed.lines()
                        .map(line -> line.replaceFirst("\\s+# .*$", ""))
                        .filter(line -> FREE.stream().noneMatch(line.strip()::startsWith))
                        .toList(),
                Long.toHexString(crc.getValue()));
    }

    /**
     * Checks that a checkpoint is of this run.
     *
     * @param other the checkpoint's
     * @param checkpoint for the message
     * @throws ConfigurationException that says what differs
     */
    void requireSame(RunIdentity other, String checkpoint) {
        var changed = new ArrayList<>(config);
        changed.removeAll(other.config);
        var before = new ArrayList<>(other.config);
        before.removeAll(config);
        if (!changed.isEmpty() || !before.isEmpty()) {
            throw new ConfigurationException(
                    "--resume: "
                            + checkpoint
                            + " was written with another configuration: then "
                            + strip(before)
                            + ", now "
                            + strip(changed)
                            + "; put it back, or train anew without --resume");
        }
        if (!data.equals(other.data)) {
            throw new ConfigurationException(
                    "--resume: the training data has changed since "
                            + checkpoint
                            + " was written; put it back, or train anew without --resume");
        }
    }

    private static List<String> strip(List<String> lines) {
        return lines.stream().map(String::strip).toList();
    }
}
