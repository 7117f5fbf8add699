package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.plugin.HeadPlugins;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Plugin jars that were damaged on their way, or made to do harm. */
class PluginDamageTest {
    private static final int JARS = 400;

    @TempDir Path folder;

    private static List<String> types(Path jar) {
        return HeadPlugins.find(List.of(jar)).heads().stream().map(found -> found.type()).toList();
    }

    @Test
    void aDamagedJarIsTheSamePluginOrRefused() throws IOException {
        var whole = Files.readAllBytes(PluginJar.whole(folder, "whole"));
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < JARS; i++) {
            var bytes = whole.clone();
            if (i % 4 == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            var jar = Files.write(folder.resolve("damaged" + i + ".jar"), bytes);
            try {
                assertThat(types(jar)).containsExactly("mine");
            } catch (ConfigurationException e) {
                assertThat(e).hasMessageStartingWith("plugin " + jar + ": ");
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("jar " + i, e);
            }
        }
        System.out.printf("plugins: %d damaged jars, %d refused%n", JARS, refused);
        assertThat(refused).isBetween(JARS / 2, JARS - 1);
    }

    @Test
    void aJarThatUnpacksToFarMoreThanItsSizeIsRefused() throws IOException {
        var jar = folder.resolve("bomb.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry(PluginJar.SERVICE));
            var spaces = new byte[1 << 20];
            Arrays.fill(spaces, (byte) ' ');
            for (int i = 0; i < 200; i++) {
                out.write(spaces);
            }
        }
        assertThat(Files.size(jar)).isLessThan(300_000);
        assertThatThrownBy(() -> types(jar))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("unpacks to far more than its size");
    }
}
