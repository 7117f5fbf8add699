package dev.mtl.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

class UnpackedFolderTest {
    @TempDir Path temp;
    private Path parent = Path.of("");

    @BeforeEach
    void nameTheParent() {
        parent = temp.resolve("cache/libtorch");
    }

    @Test
    void leavesAWholeFolderAlone() throws IOException {
        var first = provide();
        var library = first.resolve("libtorch_cpu.so");
        var longAgo = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(library, longAgo);

        assertThat(provide()).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(library)).isEqualTo(longAgo);
    }

    @Test
    void unpacksAnewWhereAFileWasCutShort() throws IOException {
        var folder = provide();
        Files.writeString(folder.resolve("libtorch_cpu.so"), "half");

        provide();

        assertWhole(folder);
    }

    @Test
    void unpacksAnewWhereABitWasFlippedSinceTheLastStart() throws IOException {
        var folder = provide();
        var library = folder.resolve("libtorch_cpu.so");
        var bytes = Files.readAllBytes(library);
        bytes[bytes.length / 2] ^= 1;
        Files.write(library, bytes);
        Files.setLastModifiedTime(library, FileTime.fromMillis(1_000_000_000_000L));

        provide();

        assertWhole(folder);
    }

    @Test
    void comparesAFolderOfAnEarlierVersionOnce() throws IOException {
        var folder = provide();
        var compared = folder.resolveSibling("." + folder.getFileName() + ".compared");
        Files.delete(compared);

        provide();

        assertThat(compared).exists();
    }

    @Test
    void unpacksAnewWhereAFileIsGone() throws IOException {
        var folder = provide();
        Files.delete(folder.resolve("libc10.so"));

        provide();

        assertWhole(folder);
    }

    @Test
    void unpacksAnewWhereTheManifestIsGoneOrChanged() throws IOException {
        var folder = provide();
        var manifest = folder.resolve(Manifest.FILE_NAME);
        var text = Files.readString(manifest);
        for (var damaged :
                List.of(
                        "",
                        "nonsense",
                        text.substring(0, text.length() / 2),
                        text.replaceFirst(" \\d+ ", " 1 "),
                        text.substring(0, text.indexOf("manifest ")))) {
            Files.writeString(manifest, damaged);
            provide();
            assertThat(manifest).hasContent(text);
        }
        Files.delete(manifest);
        provide();
        assertThat(manifest).hasContent(text);
        assertWhole(folder);
    }

    @Test
    void aChangedByteWithoutALaterTimeIsFoundOnlyWhenChecksumsAreVerified() throws IOException {
        var folder = provide();
        var library = folder.resolve("libtorch_cpu.so");
        var time = Files.getLastModifiedTime(library);
        Files.writeString(library, Files.readString(library).replace("machine", "MACHINE"));
        Files.setLastModifiedTime(library, time);

        assertThat(provide()).isEqualTo(folder);
        assertThat(UnpackedFolder.verifyChecksums(folder))
                .singleElement()
                .asString()
                .contains(library.toString(), "checksum");
    }

    @Test
    void verifyingNamesMissingAndShortFiles() throws IOException {
        var folder = provide();
        Files.writeString(folder.resolve("libtorch_cpu.so"), "half");
        Files.delete(folder.resolve("libc10.so"));

        assertThat(UnpackedFolder.verifyChecksums(folder))
                .anyMatch(line -> line.contains("libtorch_cpu.so has 4 bytes, not "))
                .anyMatch(line -> line.contains("libc10.so is missing"))
                .hasSize(2);
        Files.delete(folder.resolve(Manifest.FILE_NAME));
        assertThat(UnpackedFolder.verifyChecksums(folder))
                .singleElement()
                .asString()
                .contains(Manifest.FILE_NAME, "missing");
    }

    @Test
    void givesOtherBytesUnderTheSameVersionAnotherFolder() throws IOException {
        var first = provide();
        FakeJars.torch(temp, "other machine code of libtorch_cpu");
        var second = new UnpackedFolder(parent, jars(), _ -> {}).provide();

        assertThat(second).isNotEqualTo(first);
        assertThat(first).exists();
    }

    @Test
    void removesWhatADeadProcessLeftBehind() throws IOException {
        var name = prepareJars().folderName();
        var leftover = parent.resolve("." + name + ".tmp-dead");
        Files.createDirectories(leftover);
        Files.writeString(leftover.resolve("libtorch_cpu.so"), "half");

        provide();

        assertThat(LibTorchHomeTest.names(parent))
                .containsExactlyInAnyOrder(name, "." + name + ".lock", "." + name + ".compared");
    }

    @Test
    void saysThatTheCacheCannotBeWritten() throws IOException {
        Files.writeString(temp.resolve("cache"), "a file where the folder should be");

        assertThatThrownBy(this::provide)
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("cannot be unpacked into " + parent)
                .hasMessageContaining("MTL_CACHE")
                .hasMessageContaining("LIBTORCH_HOME");
    }

    @Test
    void leavesNothingBehindWhereAJarIsDamaged() throws IOException {
        var jars = prepareJars();
        var broken = new ArrayList<>(jars.files());
        var jar = jars.files().getFirst().jar();
        broken.add(new MavenJars.NativeFile(jar, "gone.so", "gone", 1, 1));
        var folder =
                new UnpackedFolder(
                        parent, new MavenJars(jars.version(), jars.classifier(), broken), _ -> {});

        assertThatThrownBy(folder::provide)
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("no longer has gone.so");
        assertThat(LibTorchHomeTest.names(parent)).allMatch(name -> name.endsWith(".lock"));
    }

    @Test
    void unpacksOnceForManyThreads() throws Exception {
        var jars = prepareJars();
        var start = new CountDownLatch(1);
        Callable<Path> task =
                () -> {
                    start.await();
                    return new UnpackedFolder(parent, jars, _ -> {}).provide();
                };
        try (var threads = Executors.newFixedThreadPool(8)) {
            var results = new ArrayList<Future<Path>>();
            for (int i = 0; i < 8; i++) {
                results.add(threads.submit(task));
            }
            start.countDown();
            for (var result : results) {
                assertWhole(result.get(30, TimeUnit.SECONDS));
            }
        }
        assertThat(LibTorchHomeTest.names(parent)).as("folder, lock, times").hasSize(3);
    }

    @Test
    void unpacksOnceForTwoProcesses() throws Exception {
        prepareJars();
        // Large enough that the second process comes while the first is at work.
        FakeJars.torch(temp, "machine code ".repeat(3_000_000));
        var go = temp.resolve("go");
        var logs = List.of(temp.resolve("log-1"), temp.resolve("log-2"));
        var processes = new ArrayList<Process>();
        for (var log : logs) {
            processes.add(
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    UnpackingProcess.class.getName(),
                                    temp.toString(),
                                    temp.resolve("cache").toString(),
                                    go.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start());
        }
        Files.createFile(go);
        for (var process : processes) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        var first = Files.readString(logs.get(0));
        var second = Files.readString(logs.get(1));
        var expected = "directory: " + parent.resolve(jars().folderName());
        assertThat(first).contains(expected);
        assertThat(second).contains(expected);
        assertThat((first + second).split("unpacking LibTorch", -1)).hasSize(2);
        assertThat(LibTorchHomeTest.names(parent)).as("folder, lock, times").hasSize(3);
    }

    private Path provide() throws IOException {
        return new UnpackedFolder(parent, prepareJars(), _ -> {}).provide();
    }

    private MavenJars prepareJars() throws IOException {
        FakeJars.torch(temp);
        FakeJars.blas(temp);
        return jars();
    }

    private MavenJars jars() throws IOException {
        try (var loader =
                FakeJars.loader(temp.resolve("pytorch.jar"), temp.resolve("openblas.jar"))) {
            return MavenJars.find(loader, Platform.LINUX_X86_64);
        }
    }

    private static void assertWhole(Path folder) throws IOException {
        assertThat(UnpackedFolder.verifyChecksums(folder)).isEmpty();
        assertThat(folder.resolve("libtorch_cpu.so"))
                .hasContent("the machine code of libtorch_cpu");
        assertThat(LibTorchHomeTest.names(folder)).hasSize(8);
    }
}
