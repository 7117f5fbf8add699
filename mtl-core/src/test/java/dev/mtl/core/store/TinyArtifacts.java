package dev.mtl.core.store;

import dev.mtl.core.weights.conversion.TinyBert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Jars that hold a tiny BERT, for tests. */
final class TinyArtifacts {
    /** Always the same, so that a seed makes the same damage. */
    static final LocalDateTime TIME = LocalDateTime.of(2024, 1, 1, 0, 0);

    private TinyArtifacts() {}

    /** An ONNX model and its {@code tokenizer.json}, which pads to a fixed length. */
    static Path onnxJar(Path folder) throws IOException {
        var vocabulary = Files.write(folder.resolve("pieces.txt"), TinyBert.PIECES);
        var tokenizer = WordPieceTokenizer.fromVocabulary(vocabulary, true);
        tokenizer.putObject("padding").putObject("strategy").put("Fixed", 128);
        tokenizer.putObject("truncation").put("max_length", 128);
        var files = new LinkedHashMap<String, byte[]>();
        files.put("README", "tiny".getBytes(StandardCharsets.UTF_8));
        files.put("tiny.onnx", Files.readAllBytes(TinyBert.onnx(folder.resolve("tiny.onnx"))));
        files.put("tiny-tokenizer.json", text(tokenizer.toString()));
        return jar(folder.resolve("tiny-onnx.jar"), files);
    }

    /** A stored zip inside the jar, which holds a TensorFlow checkpoint and its vocabulary. */
    static Path bundleJar(Path folder) throws IOException {
        var index = TinyBert.bundle(Files.createDirectories(folder.resolve("bundle")));
        var files = new LinkedHashMap<String, byte[]>();
        files.put("assets/model.json", "{\"doLowerCase\": false}".getBytes(StandardCharsets.UTF_8));
        files.put("assets/vocab.txt", text(String.join("\n", TinyBert.PIECES) + "\n"));
        for (var name : new String[] {"variables.data-00000-of-00001", "variables.index"}) {
            files.put("variables/" + name, Files.readAllBytes(index.resolveSibling(name)));
        }
        var inner = new ByteArrayOutputStream();
        zip(inner, files, ZipEntry.STORED);
        return jar(folder.resolve("tiny-bundle.jar"), Map.of("models/tiny", inner.toByteArray()));
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Path jar(Path file, Map<String, byte[]> files) throws IOException {
        try (var output = Files.newOutputStream(file)) {
            zip(output, files, ZipEntry.DEFLATED);
        }
        return file;
    }

    private static void zip(OutputStream output, Map<String, byte[]> files, int method)
            throws IOException {
        var zip = new ZipOutputStream(output);
        for (var file : files.entrySet()) {
            var entry = new ZipEntry(file.getKey());
            var crc = new CRC32();
            crc.update(file.getValue());
            entry.setMethod(method);
            entry.setTimeLocal(TIME);
            entry.setSize(file.getValue().length);
            entry.setCrc(crc.getValue());
            zip.putNextEntry(entry);
            zip.write(file.getValue());
            zip.closeEntry();
        }
        zip.finish();
    }
}
