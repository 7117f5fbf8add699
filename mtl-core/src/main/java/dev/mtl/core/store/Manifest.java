package dev.mtl.core.store;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.FileStamps;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.internal.files.Sha256;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code checksums.json} of a folder in the cache: where it came from, and size and SHA-256 of each
 * file.
 *
 * @param name the name that the user gave the model
 * @param source where the model came from, such as {@code maven:group:artifact:version}
 * @param files by relative path with {@code /} as separator
 */
record Manifest(String name, String source, Map<String, FileSum> files) {

    /** Version of the cache's layout; folders of another version are created again. */
    private static final int FORMAT = 2;

    private static final String FILE = "checksums.json";

    record FileSum(long bytes, String sha256) {}

    /** Computes the checksums of a folder and writes them into it. */
    static Manifest create(Path folder, String name, String source) throws IOException {
        var files = new TreeMap<String, FileSum>();
        try (var paths = Files.walk(folder)) {
            for (var file : paths.filter(Files::isRegularFile).toList()) {
                var relative = folder.relativize(file).toString().replace('\\', '/');
                files.put(relative, new FileSum(Files.size(file), Sha256.of(file)));
            }
        }
        var root = JsonFiles.object();
        root.put("format", FORMAT).put("name", name).put("source", source);
        var list = root.putObject("files");
        files.forEach(
                (path, sum) ->
                        list.putObject(path).put("bytes", sum.bytes).put("sha256", sum.sha256));
        JsonFiles.write(folder.resolve(FILE), root);
        var stamps = FileStamps.read(folder);
        for (var file : files.keySet()) {
            stamps.put(file);
        }
        stamps.write();
        return new Manifest(name, source, files);
    }

    /** Reads a folder's manifest; empty if it is missing, damaged or of another version. */
    static Optional<Manifest> read(Path folder) {
        var file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            var root = JsonFiles.read(file);
            if (root.path("format").asInt() != FORMAT) {
                return Optional.empty();
            }
            var files = new TreeMap<String, FileSum>();
            for (var entry : root.path("files").properties()) {
                files.put(entry.getKey(), sum(entry.getValue()));
            }
            return Optional.of(
                    new Manifest(root.path("name").asText(), root.path("source").asText(), files));
        } catch (MtlException e) {
            return Optional.empty();
        }
    }

    private static FileSum sum(JsonNode node) {
        return new FileSum(node.path("bytes").asLong(-1), node.path("sha256").asText());
    }

    /** Whether every file exists with its recorded size; contents are not read. */
    boolean isComplete(Path folder) {
        return !files.isEmpty()
                && files.entrySet().stream()
                        .allMatch(file -> hasSize(folder.resolve(file.getKey()), file.getValue()));
    }

    private static boolean hasSize(Path file, FileSum sum) {
        try {
            return Files.isRegularFile(file) && Files.size(file) == sum.bytes;
        } catch (IOException e) {
            return false;
        }
    }

    /** Bytes of all files. */
    long bytes() {
        return files.values().stream().mapToLong(FileSum::bytes).sum();
    }

    /** Whether a file is there and has its SHA-256. */
    boolean isUndamaged(Path folder, String name) throws IOException {
        var sum = files.get(name);
        var file = folder.resolve(name);
        return sum != null && hasSize(file, sum) && Sha256.of(file).equals(sum.sha256());
    }
}
