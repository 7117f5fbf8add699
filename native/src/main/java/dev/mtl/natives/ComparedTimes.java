package dev.mtl.natives;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * When the files of a folder had been changed at the time their contents were compared with the
 * manifest, a line per file, in a file beside the folder. A library that was changed since is
 * compared again before it is loaded; loading a damaged one may end the process.
 */
record ComparedTimes(Path folder) {
    private Path file() {
        return folder.resolveSibling("." + folder.getFileName() + ".compared");
    }

    /** Whether no file was changed since. */
    boolean match(Manifest manifest) throws IOException {
        var file = file();
        return Files.isRegularFile(file)
                && Files.readString(file, StandardCharsets.ISO_8859_1).equals(times(manifest));
    }

    /** Writes the times of now; a folder that cannot be written is compared at each start. */
    void write(Manifest manifest) throws IOException {
        var file = file();
        if (!Files.isWritable(file.getParent())) {
            return;
        }
        var temporary = file.resolveSibling(file.getFileName() + "-" + UUID.randomUUID());
        Files.writeString(temporary, times(manifest), StandardCharsets.ISO_8859_1);
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** In seconds, as archives and images keep them. */
    private String times(Manifest manifest) throws IOException {
        var times = new StringBuilder();
        for (var line : manifest.lines()) {
            var file = folder.resolve(line.name());
            times.append(Files.getLastModifiedTime(file).to(TimeUnit.SECONDS))
                    .append(' ')
                    .append(line.name())
                    .append('\n');
        }
        return times.toString();
    }
}
