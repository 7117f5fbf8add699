package dev.mtl.core.store;

import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
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

/** Extracts the files of a model from a jar, and from a zip inside the jar. */
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

    /** Allowed in any case: small files compress well. */
    private static final long FREE_BYTES = 64L << 20;

    /** Weights hardly compress, vocabularies to a fifth; zip bombs to a thousandth. */
    private static final long MAX_RATIO = 20;

    private final Path target;
    private final ProgressListener progress;
    private long room;

    private Archives(Path target, ProgressListener progress, long room) {
        this.target = target;
        this.progress = progress;
        this.room = room;
    }

    /**
     * Extracts every file that may belong to a model into {@code target}, streaming. Checksums are
     * verified, paths that lead out of {@code target} are refused, and so is a jar that unpacks to
     * more than 64 MiB plus 20 times its size.
     *
     * @throws MtlException if the jar is damaged
     */
    static void extractModel(Path jar, Path target, ProgressListener progress) throws IOException {
        try (var zip = new ZipFile(jar.toFile())) {
            var entries = zip.stream().filter(entry -> !entry.isDirectory()).toList();
            progress.started(
                    "unpacking " + jar.getFileName(),
                    entries.stream().mapToLong(entry -> Math.max(0, entry.getSize())).sum());
            try {
                var archives =
                        new Archives(target, progress, FREE_BYTES + MAX_RATIO * Files.size(jar));
                for (var entry : entries) {
                    archives.extract(zip, entry);
                }
            } finally {
                progress.finished();
            }
        } catch (ZipException
                | EOFException
                | FileAlreadyExistsException
                | IllegalArgumentException e) {
            // IllegalArgumentException: an entry's name is not a path, or in the wrong charset.
            throw new MtlException(
                    "%s is damaged (%s): delete it and try again".formatted(jar, e.getMessage()),
                    e);
        }
    }

    private void extract(ZipFile zip, ZipEntry entry) throws IOException {
        var checked = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
        try (var stream =
                new BufferedInputStream(
                        new Passing(limited(checked, entry), progress::advanced), 1 << 16)) {
            stream.mark(4);
            var isZip = Arrays.equals(stream.readNBytes(4), new byte[] {'P', 'K', 3, 4});
            stream.reset();
            if (isZip) {
                extractNested(stream);
                // Reads on after the last entry, so that the checksum covers the whole zip.
                stream.transferTo(OutputStream.nullOutputStream());
            } else if (isWanted(entry.getName())) {
                write(entry.getName(), stream);
            } else {
                return;
            }
            if (checked.getChecksum().getValue() != entry.getCrc()) {
                throw new ZipException("wrong checksum of " + entry.getName());
            }
        }
    }

    /** Extracts a zip inside the jar; ZipInputStream verifies the checksums. */
    private void extractNested(InputStream stream) throws IOException {
        var zip = new ZipInputStream(stream);
        for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            var contents = limited(zip, entry);
            if (!entry.isDirectory() && isWanted(entry.getName())) {
                write(entry.getName(), contents);
            }
            // A skipped entry is decompressed too, and counts against the limit.
            contents.transferTo(OutputStream.nullOutputStream());
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

    /** Limits a stream to the bytes that are left in total, and to the entry's declared size. */
    private InputStream limited(InputStream stream, ZipEntry entry) {
        var left = new long[] {entry.getSize() < 0 ? Long.MAX_VALUE : entry.getSize()};
        return new Passing(
                stream,
                count -> {
                    room -= count;
                    left[0] -= count;
                    if (room < 0) {
                        throw new ZipException("it unpacks to far more bytes than a model has");
                    }
                    if (left[0] < 0) {
                        throw new ZipException(
                                "%s is larger than its declared size of %d bytes"
                                        .formatted(entry.getName(), entry.getSize()));
                    }
                });
    }

    @FunctionalInterface
    private interface Passed {
        void bytes(int count) throws IOException;
    }

    /** Reports the number of bytes read. */
    private static final class Passing extends FilterInputStream {
        private final Passed passed;

        Passing(InputStream in, Passed passed) {
            super(in);
            this.passed = passed;
        }

        @Override
        public int read() throws IOException {
            var value = super.read();
            if (value >= 0) {
                passed.bytes(1);
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            var count = super.read(buffer, offset, length);
            if (count > 0) {
                passed.bytes(count);
            }
            return count;
        }
    }
}
