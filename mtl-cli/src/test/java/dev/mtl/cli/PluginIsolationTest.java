package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;

/** What a plugin sees of MTL and of other plugins, and where its libraries come from. */
class PluginIsolationTest extends PluginCalls {
    @Test
    void aPluginSeesNothingOfMtlButItsPublicApi() throws IOException {
        for (var hidden :
                new String[] {
                    "dev.mtl.core.model.ModelFiles",
                    "dev.mtl.torch.abi.LibTorchAbi",
                    "dev.mtl.heads.classification.ClassificationProvider",
                    "dev.mtl.cli.Main",
                    "picocli.CommandLine",
                    "com.fasterxml.jackson.databind.json.JsonMapper"
                }) {
            var name = hidden.substring(hidden.lastIndexOf('.') + 1);
            var use = "try { " + hidden + ".class.getName(); } finally { }";
            assertRefused(
                    PluginJar.of(
                            folder,
                            name,
                            PluginJar.PROVIDER,
                            PluginJar.provider("return \"mine\";", use + " return \"mine\";")),
                    "org.example.Provider: uses the class " + hidden + ", which plugins do not see",
                    "public API (dev.mtl.core, dev.mtl.core.data, dev.mtl.core.head..");
        }
    }

    @Test
    void aPluginBringsItsOwnVersionOfALibrary() throws IOException {
        var jar =
                PluginJar.of(
                        folder,
                        "own",
                        "picocli/CommandLine.java",
                        "package picocli; public class CommandLine { public static String own() {"
                                + " return \"own\"; } }",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "return \"mine\";", "return picocli.CommandLine.own();"));

        assertThat(heads(jar).out()).contains("\nown ");
    }

    @Test
    void aPluginSeesNoServiceFileButItsOwn() throws IOException {
        var count =
                "return \"mine\" + java.util.ServiceLoader.load(HeadProvider.class,"
                        + " Provider.class.getClassLoader()).stream().count();";

        var jar =
                PluginJar.of(
                        folder,
                        "services",
                        PluginJar.PROVIDER,
                        PluginJar.provider("return \"mine\";", count));

        assertThat(heads(jar).out()).contains("\nmine1 ");
    }

    @Test
    void aLibraryThatIsNotThere() throws IOException {
        PluginJar.of(
                folder,
                "lacking",
                "org/lib/Lib.java",
                "package org.lib; public class Lib { public static void f() {} }",
                PluginJar.PROVIDER,
                PluginJar.provider("return \"mine\";", "org.lib.Lib.f(); return \"mine\";"));
        var classes = folder.resolve("lacking-classes");
        Files.delete(classes.resolve("org/lib/Lib.class"));

        assertRefused(
                PluginJar.jar(folder.resolve("lacking.jar"), classes),
                "org.example.Provider: uses the class org.lib.Lib, which is not in the plugin");
    }

    @Test
    void aLibraryThatTheManifestNames() throws IOException {
        PluginJar.of(
                folder,
                "using",
                "org/lib/Lib.java",
                "package org.lib; public class Lib { public static void f() {} }",
                PluginJar.PROVIDER,
                PluginJar.provider("return \"mine\";", "org.lib.Lib.f(); return \"mine\";"));
        var classes = folder.resolve("using-classes");
        var library = Files.createDirectories(folder.resolve("library/org/lib"));
        Files.move(classes.resolve("org/lib/Lib.class"), library.resolve("Lib.class"));
        PluginJar.jar(folder.resolve("lib.jar"), folder.resolve("library"));
        Files.writeString(
                classes.resolve("META-INF/MANIFEST.MF"),
                "Manifest-Version: 1.0\nClass-Path: lib.jar\n");

        var call = heads(PluginJar.jar(folder.resolve("using.jar"), classes));

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.out()).contains("\nmine ");
    }
}
