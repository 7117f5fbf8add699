package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Calls of {@code mtl} with plugins, and what all of their mistakes have in common. */
abstract class PluginCalls {
    @TempDir Path folder;

    Call heads(Path... plugins) {
        var args = new String[1 + 2 * plugins.length];
        args[0] = "heads";
        for (int i = 0; i < plugins.length; i++) {
            args[1 + 2 * i] = "--plugins";
            args[2 + 2 * i] = plugins[i].toString();
        }
        return Call.mtl(folder.resolve("cache"), args);
    }

    /** One line that begins with the plugin, and 2. */
    void assertRefused(Path plugin, String... parts) {
        assertMistake(heads(plugin), parts);
        assertThat(heads(plugin).err()).startsWith("mtl: plugin " + plugin + ": ");
    }

    static void assertMistake(Call call, String... parts) {
        assertThat(call.code()).as(call.err()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains(parts).doesNotContain("\tat ", "internal error");
        assertThat(call.err().lines()).hasSize(1);
    }

    /** What training with a plugin's head "mine" comes to. */
    Call train(Path plugin, String keys) throws IOException {
        var backbone = folder.resolve("backbone");
        if (!Files.exists(backbone)) {
            TinyModel.write(backbone, 7, 0.1);
        }
        var data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("seq.in"), "a text\n");
        Files.writeString(data.resolve("label"), "a\n");
        var config =
                Files.writeString(
                        folder.resolve("config.yaml"),
                        """
                        model: {backbone: "%s", max_length: 32}
                        tasks: {task: {%s, data: {format: jointbert, train: "%s", column: label}}}
                        training: {device: cpu}
                        output: {dir: "%s"}
                        """
                                .formatted(backbone, keys, data, folder.resolve("output")));
        return Call.mtl(
                folder.resolve("cache"),
                "train",
                config.toString(),
                "--plugins",
                plugin.toString());
    }

    static void assertOneLine(Call call, int code, String start, String part) {
        assertThat(call.code()).as(call.err()).isEqualTo(code);
        assertThat(call.err()).startsWith(start).contains(part);
        assertThat(call.err()).doesNotContain("internal error", "\tat ");
    }
}
