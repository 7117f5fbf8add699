package dev.mtl.core.store;

import dev.mtl.core.MtlException;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/** Takes the files of a model out of a jar, and out of a zip inside the jar. */
final class Archives {
    private static final Set<String> NAMES =
            Set.of(
                    "vocab.txt",
                    "model.json",
                    "config.json",
                    "model.safetensors",
                    "modules.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "sentence_bert_config.json",
                    "config_sentence_transformers.json");

    private final Path target;
    private final ProgressListener progress;

    private Archives(Path target, ProgressListener progress) {
        this.target = target;
        this.progress = progress;
    }

    /**
     * Writes every file that may belong to a model below {@code target}, streaming: nothing is held
     * in memory. Checksums are checked.
     *
     * @throws MtlException if the jar is damaged
     */
    static void extractModel(Path jar, Path target, ProgressListener progress) throws IOException {
        try (var zip = new ZipFile(jar.toFile())) {
            var entries = zip.stream().filter(entry -> !entry.isDirectory()).toList();
            progress.started(
                    "unpacking " + jar.getFileName(),
                    entries.stream().mapToLong(ZipEntry::getSize).sum());
            try {
                var archives = new Archives(target, progress);
                for (var entry : entries) {
                    archives.extract(zip, entry);
                }
            } finally {
                progress.finished();
            }
        } catch (ZipException | EOFException e) {
            throw new MtlException(
                    "%s is damaged (%s): delete it and try again".formatted(jar, e.getMessage()),
                    e);
        }
    }

    private void extract(ZipFile zip, ZipEntry entry) throws IOException {
        var checked = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
        try (var stream = new BufferedInputStream(new Counted(checked, progress), 1 << 16)) {
            stream.mark(4);
            var isZip = Arrays.equals(stream.readNBytes(4), new byte[] {'P', 'K', 3, 4});
            stream.reset();
            if (isZip) {
                extractNested(stream);
                return;
            }
            if (!isWanted(entry.getName())) {
                return;
            }
            write(entry.getName(), stream);
            if (checked.getChecksum().getValue() != entry.getCrc()) {
                throw new ZipException("wrong checksum of " + entry.getName());
            }
        }
    }

    /** A zip in a zip; ZipInputStream checks the checksums itself. */
    private void extractNested(InputStream stream) throws IOException {
        var zip = new ZipInputStream(stream);
        for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (!entry.isDirectory() && isWanted(entry.getName())) {
                write(entry.getName(), zip);
            }
        }
    }

    private void write(String name, InputStream stream) throws IOException {
        var file = target.resolve(name).normalize();
        if (!file.startsWith(target)) {
            throw new ZipException("'" + name + "' leads out of the folder");
        }
        Files.createDirectories(file.getParent());
        Files.copy(stream, file);
    }

    private static boolean isWanted(String path) {
        var name = path.substring(path.lastIndexOf('/') + 1);
        return NAMES.contains(name)
                || name.endsWith(".onnx")
                || name.endsWith("tokenizer.json")
                || name.endsWith(".index")
                || name.endsWith(".data-00000-of-00001");
    }

    /** Reports the bytes that pass. */
    private static final class Counted extends FilterInputStream {
        private final ProgressListener progress;

        Counted(InputStream in, ProgressListener progress) {
            super(in);
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            var value = super.read();
            if (value >= 0) {
                progress.advanced(1);
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            var count = super.read(buffer, offset, length);
            if (count > 0) {
                progress.advanced(count);
            }
            return count;
        }
    }
}
