package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.weights.Mutator;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives that are damaged or mean harm: nothing leaves the folder, nothing fills the disk. */
class ArchivesTest {
    private static final int FILES = 20_000;
    private static final long SEED = 20_254;
    private static final byte[] VOCABULARY = TinyArtifacts.text("[PAD]\n[UNK]\nword\n");
    private static final byte[] CONFIG = TinyArtifacts.text("{\"hidden_size\": 2}");

    @TempDir Path folder;
    private Path target = Path.of("");

    @BeforeEach
    void makeTarget() throws IOException {
        target = Files.createDirectory(folder.resolve("target"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../vocab.txt",
                "a/../../vocab.txt",
                "/tmp/mtl-archives-test/vocab.txt",
                "../target-2/vocab.txt"
            })
    void rejectsANameThatLeadsOutOfTheFolder(String name) throws IOException {
        rejects(jar(Map.of(name, VOCABULARY)), "leads out of the folder");
        rejects(jar(Map.of("inner", zip(Map.of(name, VOCABULARY)))), "leads out of the folder");
    }

    @Test
    void rejectsANameThatIsNoPath() throws IOException {
        rejects(jar(Map.of("a\0/vocab.txt", VOCABULARY)), "is damaged");
    }

    @Test
    void rejectsAFolderThatIsAFile() throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("vocab.txt", VOCABULARY);
        files.put("vocab.txt/config.json", CONFIG);
        rejects(jar(files), "is damaged");
    }

    @Test
    void rejectsAFileThatBothArchivesHave() throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("vocab.txt", VOCABULARY);
        files.put("inner", zip(Map.of("vocab.txt", VOCABULARY)));
        rejects(jar(files), "is damaged");
    }

    /** Two hundred megabytes of zeros in as many kilobytes. */
    @ParameterizedTest
    @ValueSource(strings = {"vocab.txt", "not-wanted"})
    void rejectsAZipBomb(String name) throws IOException {
        var bomb = zeros(name);
        assertThat(bomb.length).isLessThan(300_000);

        rejects(jar(Map.of("inner", bomb)), "unpacks to far more bytes than a model has");
        if (name.equals("vocab.txt")) {
            clear();
            var file = Files.write(folder.resolve("bomb.jar"), bomb);
            rejects(file, "unpacks to far more bytes than a model has");
        }
        try (var files = Files.walk(target)) {
            assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(80L << 20);
        }
    }

    @Test
    void rejectsAFileLargerThanItsDeclaredSize() throws IOException {
        var jar = jar(Map.of("vocab.txt", VOCABULARY));
        var bytes = Files.readAllBytes(jar);
        patch(bytes, new byte[] {'P', 'K', 1, 2}, 24, VOCABULARY.length - 1);
        Files.write(jar, bytes);

        rejects(jar, "vocab.txt is larger than its declared size of 16 bytes");
    }

    private static void patch(byte[] bytes, byte[] signature, int field, int value) {
        for (var i = 0; i < bytes.length - signature.length; i++) {
            if (Arrays.equals(bytes, i, i + 4, signature, 0, 4)) {
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(i + field, value);
                return;
            }
        }
        throw new AssertionError("no such header");
    }

    @Test
    void aDamagedArchiveIsUnpackedRightOrRefused() throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("README", TinyArtifacts.text("not wanted"));
        files.put("assets/vocab.txt", VOCABULARY);
        var inner = new LinkedHashMap<String, byte[]>();
        inner.put("config.json", CONFIG);
        inner.put("x/vocab.txt", VOCABULARY);
        files.put("inner", zip(inner));
        var jar = jar(files);
        var seed = Files.readAllBytes(jar);
        var mutator = new Mutator(new SplittableRandom(SEED));
        var unpacked = 0;
        for (var i = 0; i < FILES; i++) {
            Files.write(jar, mutator.mutate(seed));
            try {
                Archives.extractModel(jar, target, ProgressListener.NONE);
                unpacked++;
                for (var file : regularFiles(target)) {
                    assertThat(Files.readAllBytes(file)).isIn(VOCABULARY, CONFIG);
                }
            } catch (MtlException e) {
                assertThat(e).hasMessageStartingWith(jar + " is damaged");
            } catch (Throwable e) {
                throw new AssertionError("seed %d, file %d".formatted(SEED, i), e);
            }
            clear();
        }
        assertThat(regularFiles(folder)).as("nothing beside the folder").containsExactly(jar);
        System.out.printf(
                "zip: %d damaged archives, %d unpacked, %d refused%n",
                FILES, unpacked, FILES - unpacked);
        assertThat(unpacked).isBetween(FILES / 100, FILES * 9 / 10);
    }

    private void clear() throws IOException {
        try (var files = Files.walk(target)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(target)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<Path> regularFiles(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private void rejects(Path jar, String reason) {
        assertThatThrownBy(() -> Archives.extractModel(jar, target, ProgressListener.NONE))
                .isInstanceOf(MtlException.class)
                .hasMessageStartingWith(jar + " is damaged")
                .hasMessageContaining(reason);
    }

    private Path jar(Map<String, byte[]> files) throws IOException {
        return TinyArtifacts.jar(folder.resolve("a.jar"), files);
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                var entry = new ZipEntry(file.getKey());
                entry.setTimeLocal(TinyArtifacts.TIME);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] zeros(String name) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            for (var i = 0; i < 200; i++) {
                zip.write(new byte[1 << 20]);
            }
        }
        return bytes.toByteArray();
    }
}
