package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;

import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

class NodeCopyTest {
    @TempDir static Path folder;
    @TempDir Path cache;

    private static final Configuration HADOOP = new Configuration(false);

    @BeforeAll
    static void write() {
        HADOOP.set(
                "fs.viewfs.mounttable.test.link./models",
                folder.resolve("models").toUri().toString());
        LocalSpark.encoder(folder.resolve("models/tiny encoder"));
    }

    /** A folder behind a scheme of Hadoop's. */
    private static String uri() {
        return "viewfs://test/models/tiny encoder";
    }

    @Test
    void aFolderIsCopiedOnceByAllWhoWantIt() throws Exception {
        Files.createDirectories(folder.resolve("models/tiny encoder/1_Pooling"));
        Files.writeString(folder.resolve("models/tiny encoder/1_Pooling/config.json"), "{}");
        try (var threads = Executors.newFixedThreadPool(4)) {
            Callable<Path> copy = () -> NodeCopy.of(uri(), HADOOP, cache);
            var copies =
                    threads.invokeAll(IntStream.range(0, 8).mapToObj(_ -> copy).toList()).stream()
                            .map(future -> result(future))
                            .distinct()
                            .toList();

            assertThat(copies).hasSize(1);
            assertThat(copies.getFirst().resolve("model.safetensors"))
                    .hasSameBinaryContentAs(
                            folder.resolve("models/tiny encoder/model.safetensors"));
            assertThat(copies.getFirst().resolve("1_Pooling/config.json")).hasContent("{}");
        }
    }

    private static Path result(java.util.concurrent.Future<Path> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aChangedFolderIsCopiedAnew() throws IOException {
        var before = NodeCopy.of(uri(), HADOOP, cache);
        Files.setLastModifiedTime(
                folder.resolve("models/tiny encoder/config.json"), FileTime.fromMillis(1));

        assertThat(NodeCopy.of(uri(), HADOOP, cache)).isNotEqualTo(before);
        assertThat(NodeCopy.of(uri(), HADOOP, cache)).isEqualTo(NodeCopy.of(uri(), HADOOP, cache));
    }

    @Test
    void aMissingFolderIsRefused() {
        assertThatThrownBy(() -> NodeCopy.of(uri() + "s", HADOOP, cache))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("there is no folder viewfs:");
    }

    @Test
    void namesOfTheModelStoreAreNoFileSystems() {
        assertThat(ModelLocation.of("hdfs://host/models/a", HADOOP).hadoop()).isNotNull();
        assertThat(ModelLocation.of("s3a://bucket/a", HADOOP).hadoop()).isNotNull();
        for (var name :
                new String[] {
                    "all-MiniLM-L6-v2",
                    "hf:org/name",
                    "maven:g:a:1",
                    "/models/a",
                    "file:/models/a",
                    "C:/models/a",
                    "spark-files:a"
                }) {
            assertThat(ModelLocation.of(name, HADOOP).hadoop()).as(name).isNull();
        }
    }
}
