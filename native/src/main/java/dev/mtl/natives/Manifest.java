package dev.mtl.natives;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The list of files that were unpacked into a folder: a text file with one line per file (SHA-256,
 * size, name), and a last line with the SHA-256 of the lines before it, so that a truncated
 * manifest is detected.
 */
record Manifest(List<Line> lines) {
    static final String FILE_NAME = "MANIFEST.sha256";
    private static final String OWN_LINE = "manifest ";

    /** One file: its bytes' SHA-256, its size in bytes, its name. */
    record Line(String sha256, long size, String name) {}

    Manifest {
        lines = List.copyOf(lines);
    }

    void write(Path folder) throws IOException {
        var body = body();
        var ours = OWN_LINE + Sha256.hex(body.getBytes(StandardCharsets.UTF_8)) + "\n";
        Files.writeString(folder.resolve(FILE_NAME), body + ours);
    }

    /** The manifest of a folder, or empty if there is none or it is damaged. */
    static Optional<Manifest> read(Path folder) throws IOException {
        List<String> text;
        try {
            text = Files.readAllLines(folder.resolve(FILE_NAME), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        var lines = new ArrayList<Line>();
        var ours = "";
        for (var line : text) {
            if (line.startsWith(OWN_LINE)) {
                ours = line.substring(OWN_LINE.length());
                continue;
            }
            var parts = line.split(" ", 3);
            if (parts.length != 3 || !parts[1].matches("\\d{1,18}")) {
                return Optional.empty();
            }
            lines.add(new Line(parts[0], Long.parseLong(parts[1]), parts[2]));
        }
        var manifest = new Manifest(lines);
        var body = manifest.body().getBytes(StandardCharsets.UTF_8);
        return ours.equals(Sha256.hex(body)) ? Optional.of(manifest) : Optional.empty();
    }

    /** Whether each file exists and has its size; does not read the files. */
    boolean sizesMatch(Path folder) throws IOException {
        for (var line : lines) {
            var file = folder.resolve(line.name());
            if (!Files.isRegularFile(file) || Files.size(file) != line.size()) {
                return false;
            }
        }
        return true;
    }

    /** One sentence per file that is missing or has another checksum. */
    List<String> damage(Path folder) throws IOException {
        var damage = new ArrayList<String>();
        for (var line : lines) {
            var file = folder.resolve(line.name());
            if (!Files.isRegularFile(file)) {
                damage.add(file + " is missing");
            } else if (Files.size(file) != line.size()) {
                damage.add(
                        "%s has %d bytes, not %d".formatted(file, Files.size(file), line.size()));
            } else if (!Sha256.hex(file).equals(line.sha256())) {
                damage.add(file + " does not have the checksum it was unpacked with");
            }
        }
        return damage;
    }

    private String body() {
        var body = new StringBuilder();
        for (var line : lines) {
            body.append(line.sha256()).append(' ').append(line.size()).append(' ');
            body.append(line.name()).append('\n');
        }
        return body.toString();
    }
}
