package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** In processes of their own: these plugins end or hang the process that looks for their heads. */
class PluginDiscoveryTest {
    @TempDir Path folder;

    @Test
    void aPluginThatEndsTheProcessIsNamedAndTheExitCodeIs1() throws Exception {
        for (var code : List.of("0", "7")) {
            var jar = plugin("exits" + code, "System.exit(" + code + ");");

            var call = heads(jar);

            assertThat(call.code()).as(call.out()).isEqualTo(1);
            assertThat(call.out())
                    .contains("mtl: plugin " + jar + ": org.example.Provider: calls System.exit");
        }
    }

    @Test
    void aPluginThatHangsIsNamedAndTheExitCodeIs1() throws Exception {
        var jar = plugin("hangs", "while (true) { Thread.onSpinWait(); }");

        var call = heads(jar);

        assertThat(call.code()).as(call.out()).isEqualTo(1);
        assertThat(call.out())
                .contains(
                        "mtl: plugin " + jar + ": org.example.Provider has not returned after 20");
    }

    private Path plugin(String name, String code) throws IOException {
        return PluginJar.of(
                folder,
                name,
                PluginJar.PROVIDER,
                PluginJar.provider("Provider() {}", "Provider() {" + code + "}"));
    }

    private Call heads(Path jar) throws Exception {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                Main.class.getName(),
                                "heads",
                                "--plugins",
                                jar.toString())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Call(process.exitValue(), output, "");
    }
}
