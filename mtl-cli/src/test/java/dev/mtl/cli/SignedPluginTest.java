package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.plugin.HeadPlugins;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Plugin jars with a signature. MTL asks for none, and trusts no signer more than another; what is
 * signed must be what was signed.
 */
class SignedPluginTest {
    private static final String CLASS = "org/example/Provider.class";
    private static final String PASSWORD = "only for this test";

    @TempDir Path folder;
    private Path signed = Path.of("");

    @BeforeEach
    void sign() throws Exception {
        signed = PluginJar.whole(folder, "signed");
        var keys = folder.resolve("keys.p12").toString();
        run("keytool", "-genkeypair", "-keyalg", "EC", "-dname", "CN=test", "-keystore", keys);
        run("jarsigner", "-keystore", keys, signed.toString(), "mykey");
    }

    private static void run(String tool, String... arguments) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(List.of("-storepass", PASSWORD));
        command.addAll(List.of(arguments));
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(tool).isZero();
    }

    private static List<String> types(Path jar) {
        return HeadPlugins.find(List.of(jar)).heads().stream().map(found -> found.type()).toList();
    }

    /** The signed jar with some entries in the place of its own, or beside them. */
    private Path changed(Map<String, byte[]> others) throws IOException {
        var changed = folder.resolve("changed.jar");
        try (var jar = new JarFile(signed.toFile());
                var out = new JarOutputStream(Files.newOutputStream(changed))) {
            for (var entry : jar.stream().toList()) {
                if (!others.containsKey(entry.getName())) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    jar.getInputStream(entry).transferTo(out);
                }
            }
            for (var other : others.entrySet()) {
                out.putNextEntry(new JarEntry(other.getKey()));
                out.write(other.getValue());
            }
        }
        return changed;
    }

    private byte[] original(String name) throws IOException {
        try (var jar = new JarFile(signed.toFile())) {
            return jar.getInputStream(jar.getEntry(name)).readAllBytes();
        }
    }

    @Test
    void aSignedPluginIsUsedLikeOneWithoutASignature() throws IOException {
        assertThat(original("META-INF/MYKEY.SF")).isNotEmpty();
        assertThat(types(signed)).containsExactly("mine");
    }

    @Test
    void aClassThatWasChangedAfterSigningIsRefused() throws IOException {
        var bytes = original(CLASS);
        bytes[bytes.length - 1] ^= 1;
        var jar = changed(Map.of(CLASS, bytes));
        assertThatThrownBy(() -> types(jar))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("plugin " + jar + ": is not a readable jar: ")
                .hasMessageContaining("digest error for " + CLASS);
    }

    @Test
    void aSignatureThatIsNotThatOfTheManifestIsRefused() throws IOException {
        var manifest = new String(original("META-INF/MANIFEST.MF"), StandardCharsets.UTF_8);
        var other = manifest.replaceFirst("Digest: ..", "Digest: AA");
        var jar = changed(Map.of("META-INF/MANIFEST.MF", other.getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> types(jar))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("plugin " + jar + ": is not a readable jar: ");
    }

    @Test
    void aJarWhoseDeclaredSizesLieIsRefused() throws IOException {
        var jar = PluginJar.whole(folder, "lying");
        var bytes = Files.readAllBytes(jar);
        for (int i = 0; i + 46 < bytes.length; i++) {
            if (bytes[i] == 'P' && bytes[i + 1] == 'K' && bytes[i + 2] == 1 && bytes[i + 3] == 2) {
                bytes[i + 24] = 1; // the size before compression, in the central directory
                bytes[i + 25] = 0;
            }
        }
        Files.write(jar, bytes);
        assertThatThrownBy(() -> types(jar))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("plugin " + jar + ": ");
    }

    @Test
    void anEntryThatLeadsOutOfTheJarIsNeverWritten() throws IOException {
        var jar = changed(Map.of("../outside.class", new byte[] {1}));
        assertThat(types(jar)).containsExactly("mine");
        assertThat(folder.resolve("outside.class")).doesNotExist();
        assertThat(folder.resolveSibling("outside.class")).doesNotExist();
    }
}
