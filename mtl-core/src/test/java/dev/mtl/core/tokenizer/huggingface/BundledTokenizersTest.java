package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.testing.TinyTokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

class BundledTokenizersTest {
    @TempDir Path directory;

    @Test
    void takesTheCpuFlavourOfTheJarWhereCuda122IsSeen() throws Exception {
        var output = runWhereCudaIsSeen(Map.of());

        assertThat(output).contains("DJL sees cu122").contains("3 tokens");
        try (var libraries = Files.list(directory.resolve("cache/tokenizers"))) {
            assertThat(libraries)
                    .singleElement()
                    .satisfies(f -> assertThat(f.getFileName().toString()).contains("-cpu-"));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void leavesTheCudaRuntimeOfTheSystemAlone() throws Exception {
        // any library will do: DJL takes it for the runtime by its name
        var lib = Path.of(System.getProperty("java.home"), "lib");
        Files.copy(lib.resolve("libjimage.so"), directory.resolve("libcudart.so"));

        assertThat(run(LibrariesSeen.class, Map.of(), "-Djna.library.path=" + directory))
                .contains("3 tokens")
                .contains("libtokenizers.so")
                .doesNotContain("libcudart.so");
    }

    @Test
    void refusesAVariableThatAsksForADownload() throws Exception {
        var output = runWhereCudaIsSeen(Map.of("RUST_FLAVOR", "cu122"));

        assertThat(output).contains("RUST_FLAVOR=cu122").doesNotContain("tokens\n");
        assertThat(directory.resolve("cache/tokenizers")).doesNotExist();
    }

    @Test
    void overridesPropertiesButNotAnOfflineSwitch() {
        var properties = new Properties();
        properties.setProperty("RUST_FLAVOR", "cu124");
        properties.setProperty("ai.djl.offline", "false");
        BundledTokenizers.prepare(Map.of("RUST_FLAVOR", "cpu"), properties);

        assertThat(properties)
                .containsEntry("RUST_FLAVOR", "cpu")
                .containsEntry("OPT_OUT_TRACKING", "true")
                .containsEntry("ai.djl.offline", "false");
    }

    @Test
    void unpacksIntoTheCacheFolderUnlessDjlWasTold() {
        var cache = directory.resolve("cache").toString();
        var properties = new Properties();
        BundledTokenizers.prepare(Map.of("MTL_CACHE", cache), properties);
        assertThat(properties).containsEntry("ENGINE_CACHE_DIR", cache);

        var told = new Properties();
        BundledTokenizers.prepare(Map.of("MTL_CACHE", cache, "DJL_CACHE_DIR", "/other"), told);
        assertThat(told).doesNotContainKey("ENGINE_CACHE_DIR");
    }

    @Test
    void leavesACacheFolderThatCannotBeToDjl() throws IOException {
        var file = Files.writeString(directory.resolve("file"), "");
        var properties = new Properties();
        BundledTokenizers.prepare(Map.of("MTL_CACHE", file.toString()), properties);

        assertThat(properties).doesNotContainKey("ENGINE_CACHE_DIR");
    }

    @Test
    void unpacksALibraryAgainThatIsCutOrChanged() throws Exception {
        runWhereCudaIsSeen(Map.of());
        Path library;
        try (var files = Files.walk(directory.resolve("cache/tokenizers"))) {
            library =
                    files.filter(file -> file.endsWith(System.mapLibraryName("tokenizers")))
                            .findFirst()
                            .orElseThrow();
        }
        var whole = Files.readAllBytes(library);
        var flipped = whole.clone();
        flipped[whole.length / 2] ^= 4;
        for (var damaged : List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), flipped)) {
            Files.write(library, damaged);
            Files.setLastModifiedTime(library, FileTime.fromMillis(1_000_000_000_000L));
            assertThat(runWhereCudaIsSeen(Map.of())).contains("3 tokens");
            assertThat(library).hasBinaryContent(whole);
        }
    }

    @Test
    void saysWhereItCannotBeUnpacked() throws Exception {
        var file = Files.writeString(directory.resolve("file"), "");

        assertThat(runWhereCudaIsSeen(Map.of("ENGINE_CACHE_DIR", file.toString())))
                .contains("tokenizers library cannot be unpacked into " + file)
                .contains("set MTL_CACHE");
    }

    @Test
    void refusesALibraryFromElsewhere() {
        assertThatThrownBy(
                        () ->
                                BundledTokenizers.prepare(
                                        Map.of("RUST_LIBRARY_PATH", "/opt/rust"), new Properties()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("RUST_LIBRARY_PATH=/opt/rust")
                .hasMessageContaining("unset");
    }

    /** In a JVM of its own, as DJL chooses once; the proxy makes sure that nothing is fetched. */
    private String runWhereCudaIsSeen(Map<String, String> variables)
            throws IOException, InterruptedException {
        return run(CudaSeen.class, variables, "-Dai.djl.util.cuda.fork=true");
    }

    private String run(Class<?> main, Map<String, String> variables, String property)
            throws IOException, InterruptedException {
        var builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                property,
                                "-Dhttps.proxyHost=127.0.0.1",
                                "-Dhttps.proxyPort=1",
                                "-Dhttp.proxyHost=127.0.0.1",
                                "-Dhttp.proxyPort=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName(),
                                TinyTokenizer.write(directory).toString())
                        .redirectErrorStream(true);
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("RUST_") || name.contains("CACHE"));
        environment.put("MTL_CACHE", directory.resolve("cache").toString());
        environment.putAll(variables);
        var process = builder.start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    /** Makes DJL believe in a CUDA 12.2 with a device of compute capability 8.0. */
    static final class CudaSeen {
        private CudaSeen() {}

        public static void main(String[] args) throws Exception {
            var utils = Class.forName("ai.djl.util.cuda.CudaUtils");
            var seen = utils.getDeclaredField("gpuInfo");
            seen.setAccessible(true);
            seen.set(null, new String[] {"1", "12020", "80"});
            var platform = ai.djl.util.Platform.detectPlatform("tokenizers");
            System.out.println("DJL sees " + platform.getFlavor());
            try (var tokenizer = TextTokenizer.load(Path.of(args[0]), 16)) {
                System.out.println(tokenizer.encode("the").length() + " tokens");
            }
        }
    }

    /** Prints the libraries of a process that has used a tokenizer. */
    static final class LibrariesSeen {
        private LibrariesSeen() {}

        public static void main(String[] args) throws Exception {
            try (var tokenizer = TextTokenizer.load(Path.of(args[0]), 16);
                    var maps = Files.lines(Path.of("/proc/self/maps"))) {
                System.out.println(tokenizer.encode("the").length() + " tokens");
                maps.filter(line -> line.contains(".so")).forEach(System.out::println);
            }
        }
    }
}
