package dev.mtl.core.internal.files;

import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * When the files of a folder were found to have their checksums, so that large files are not read
 * at each start. Kept in the folder, in {@code .checked}: a line with size, time of change, time of
 * the check and relative path for each file.
 */
public final class FileStamps {
    private static final Logger LOG = Loggers.of(FileStamps.class);
    private static final String FILE = ".checked";
    private static final int FIELDS = 4;

    private final Path folder;
    private final Map<String, Stamp> stamps = new TreeMap<>();

    /** Times in seconds since 1970. */
    private record Stamp(long bytes, long modified, long checked) {
        static Stamp of(Path file, long checked) throws IOException {
            return new Stamp(
                    Files.size(file),
                    Files.getLastModifiedTime(file).to(TimeUnit.SECONDS),
                    checked);
        }

        boolean sameFile(Stamp other) {
            return bytes == other.bytes && modified == other.modified;
        }
    }

    private FileStamps(Path folder) {
        this.folder = folder;
    }

    /** The stamps of a folder; none if there are none that can be read. */
    public static FileStamps read(Path folder) {
        var stamps = new FileStamps(folder);
        var file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            try {
                Files.readAllLines(file, StandardCharsets.UTF_8).forEach(stamps::line);
            } catch (IOException e) {
                LOG.debug("{} cannot be read", file, e);
            }
        }
        return stamps;
    }

    private void line(String line) {
        var fields = line.split(" ", FIELDS);
        try {
            stamps.put(
                    fields[FIELDS - 1],
                    new Stamp(
                            Long.parseLong(fields[0]),
                            Long.parseLong(fields[1]),
                            Long.parseLong(fields[2])));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            LOG.debug("{} has a damaged line: {}", folder.resolve(FILE), line, e);
        }
    }

    /** Whether a file is as it was when it was checked, and that was not longer ago than this. */
    public boolean isFresh(String file, Duration age) throws IOException {
        var stamp = stamps.get(file);
        long now = Instant.now().getEpochSecond();
        return stamp != null
                && stamp.sameFile(Stamp.of(folder.resolve(file), 0))
                // A file that was changed in the second of its check may have been changed after.
                && stamp.modified < stamp.checked
                && stamp.checked <= now
                && now - stamp.checked < age.toSeconds();
    }

    /** Notes that a file has its checksum, now. */
    public void put(String file) throws IOException {
        stamps.put(file, Stamp.of(folder.resolve(file), Instant.now().getEpochSecond()));
    }

    /** Writes the stamps, if the folder can be written. */
    public void write() {
        try {
            AtomicFile.replaceText(
                    folder.resolve(FILE),
                    out -> {
                        for (var entry : stamps.entrySet()) {
                            var stamp = entry.getValue();
                            out.write(
                                    "%d %d %d %s\n"
                                            .formatted(
                                                    stamp.bytes,
                                                    stamp.modified,
                                                    stamp.checked,
                                                    entry.getKey()));
                        }
                    });
        } catch (IOException e) {
            // Read-only, or another process writes the same.
            LOG.debug("{} cannot be written", folder.resolve(FILE), e);
        }
    }
}
