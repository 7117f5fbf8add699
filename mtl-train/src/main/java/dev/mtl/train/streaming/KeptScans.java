package dev.mtl.train.streaming;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicFile;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.loading.DataSource;
import dev.mtl.train.streaming.StreamScan.ScannedFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What first passes found out, in {@code streams.json} of a run's directory. */
record KeptScans(List<StreamScan> scans) {
    static final KeptScans NONE = new KeptScans(List.of());
    private static final String FILE = "streams.json";
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads the file; without one, nothing is kept. */
    static KeptScans read(Path run) {
        var file = run.resolve(FILE);
        if (!Files.exists(file)) {
            return NONE;
        }
        try {
            var scans = new ArrayList<StreamScan>();
            JSON.readTree(file.toFile())
                    .path("streams")
                    .forEach(scan -> scans.add(StreamScan.fromJson(scan)));
            return new KeptScans(scans);
        } catch (IOException e) {
            throw new MtlException(
                    file
                            + ": cannot be read: "
                            + Reasons.of(e)
                            + "; without it, the data is read"
                            + " once more",
                    e);
        }
    }

    static void write(Path run, List<StreamScan> scans) {
        var file = run.resolve(FILE);
        try {
            var json = Map.of("streams", scans.stream().map(StreamScan::toJson).toList());
            var text = JSON.writeValueAsString(json) + "\n";
            AtomicFile.replaceText(file, out -> out.write(text));
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }

    /**
     * What is known of a source.
     *
     * @param pass finds it out, if it is not kept, or if a file may have changed
     * @throws ConfigurationException if a file has changed; says which and how
     */
    StreamScan of(DataSource source, List<TaskConfig> tasks, Supplier<StreamScan> pass) {
        var names = tasks.stream().map(TaskConfig::name).toList();
        var before =
                scans.stream()
                        .filter(
                                scan ->
                                        scan.name().equals(source.name())
                                                && scan.tasks().equals(names))
                        .findFirst();
        if (before.isEmpty()) {
            return pass.get();
        }
        var kept = before.get();
        boolean untouched = !source.isInMemory();
        if (!source.isInMemory()) {
            var now = source.files().stream().map(FirstPass::file).toList();
            requireSameFiles(kept, now);
            for (int i = 0; i < now.size(); i++) {
                var then = kept.files().get(i);
                if (then.size() != now.get(i).size()) {
                    throw changed(
                            then.path(),
                            "%,d bytes then, %,d now".formatted(then.size(), now.get(i).size()));
                }
                // a folder's own time says nothing of the files in it
                untouched &=
                        then.modified() == now.get(i).modified()
                                && !Files.isDirectory(source.files().get(i));
            }
        }
        if (untouched) {
            return kept;
        }
        var now = pass.get();
        if (!now.checksum().equals(kept.checksum())) {
            throw changed(
                    source.name(),
                    now.examples() == kept.examples()
                            ? "the same number of rows, but others"
                            : "%,d rows that can be read then, %,d now"
                                    .formatted(kept.examples(), now.examples()));
        }
        return now;
    }

    private static void requireSameFiles(StreamScan kept, List<ScannedFile> now) {
        var then = kept.files().stream().map(ScannedFile::path).toList();
        var paths = now.stream().map(ScannedFile::path).toList();
        if (!then.equals(paths)) {
            throw changed(kept.name(), then + " then, " + paths + " now");
        }
    }

    private static ConfigurationException changed(String what, String how) {
        return new ConfigurationException(
                "cannot resume: the training data has changed since the run began: "
                        + what
                        + ": "
                        + how
                        + "; put it back, or train anew without --resume");
    }
}
