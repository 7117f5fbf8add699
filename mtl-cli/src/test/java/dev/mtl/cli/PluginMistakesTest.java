package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;

/** Plugins that cannot be used are answered with the jar, the class and what is wrong. */
class PluginMistakesTest extends PluginCalls {
    @Test
    void aWholePluginIsListedOnceHoweverOftenItIsNamed() throws IOException {
        var jar = PluginJar.of(folder, "whole", PluginJar.PROVIDER, PluginJar.provider());

        var call = heads(jar, folder, jar);

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.out().lines())
                .filteredOn(line -> line.startsWith("mine "))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("org.example.Provider  " + jar));
    }

    @Test
    void aDirectoryOfClassesIsAPlugin() throws IOException {
        PluginJar.of(folder, "whole", PluginJar.PROVIDER, PluginJar.provider());

        assertThat(heads(folder.resolve("whole-classes")).out()).contains("mine ");
    }

    @Test
    void twoHeadsOfOneName() throws IOException {
        var first = PluginJar.of(folder, "first", PluginJar.PROVIDER, PluginJar.provider());
        var second = PluginJar.of(folder, "second", PluginJar.PROVIDER, PluginJar.provider());
        var shipped =
                PluginJar.of(
                        folder,
                        "third",
                        PluginJar.PROVIDER,
                        PluginJar.provider("mine", "classification"));

        assertMistake(
                heads(first, second),
                "two heads are named 'mine': org.example.Provider from "
                        + first
                        + " and org.example.Provider from "
                        + second);
        assertMistake(
                heads(shipped),
                "two heads are named 'classification'",
                "dev.mtl.heads.classification.ClassificationProvider from ",
                "org.example.Provider from " + shipped);
    }

    @Test
    void aProviderThatThrows() throws IOException {
        var error = "throw new IllegalStateException(\"no luck\");";

        assertRefused(
                PluginJar.of(
                        folder,
                        "a",
                        PluginJar.PROVIDER,
                        PluginJar.provider("Provider() {}", "Provider() {" + error + "}")),
                "org.example.Provider: its constructor throws",
                "no luck");
        assertRefused(
                PluginJar.of(
                        folder,
                        "b",
                        PluginJar.PROVIDER,
                        PluginJar.provider("return \"mine\";", error)),
                "org.example.Provider: type() throws",
                "no luck");
        assertRefused(
                PluginJar.of(
                        folder,
                        "c",
                        PluginJar.PROVIDER,
                        PluginJar.provider("return new Settings();", error)),
                "org.example.Provider: defaults() throws",
                "no luck");
        assertRefused(
                PluginJar.of(
                        folder,
                        "d",
                        PluginJar.PROVIDER,
                        PluginJar.provider("return \"mine\";", "return null;")),
                "org.example.Provider: type() returns null");
        assertRefused(
                PluginJar.of(
                        folder,
                        "e",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "public Provider() {}",
                                "static final int N = Integer.parseInt(\"no luck\");")),
                "org.example.Provider: its static initializer throws",
                "no luck");
    }

    @Test
    void aClassThatIsMissingOrNoProvider() throws IOException {
        assertRefused(
                PluginJar.of(folder, "none"),
                "org.example.Provider: no such class, but the service file names it");
        assertRefused(
                PluginJar.of(
                        folder,
                        "other",
                        PluginJar.PROVIDER,
                        "package org.example; public class Provider {}"),
                "org.example.Provider: does not implement dev.mtl.core.head.HeadProvider");
        assertRefused(
                PluginJar.of(
                        folder,
                        "private",
                        PluginJar.PROVIDER,
                        PluginJar.provider("public Provider", "private Provider")),
                "org.example.Provider: must have a public constructor without parameters");
        assertRefused(
                PluginJar.of(
                        folder,
                        "hidden",
                        PluginJar.PROVIDER,
                        PluginJar.provider("public final class", "final class")),
                "org.example.Provider: must be public");
    }

    @Test
    void aProviderOfAnotherVersionOfTheInterface() throws IOException {
        var old =
                PluginJar.of(
                        folder,
                        "old",
                        "dev/mtl/core/head/HeadProvider.java",
                        "package dev.mtl.core.head; public interface HeadProvider<P> { String"
                                + " type(); }",
                        PluginJar.PROVIDER,
                        """
                        package org.example;
                        public final class Provider implements dev.mtl.core.head.HeadProvider<String> {
                            @Override public String type() { return "old"; }
                        }
                        """);

        assertRefused(old, "org.example.Provider: was built against another version of MTL");
    }

    @Test
    void aProviderThatCallsWhatThisVersionHasNot() throws IOException {
        var old =
                PluginJar.of(
                        folder,
                        "old",
                        "dev/mtl/core/tokenizer/PreTokenizedText.java",
                        "package dev.mtl.core.tokenizer; public class PreTokenizedText { public"
                                + " static void gone() {} }",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "return \"mine\";",
                                "dev.mtl.core.tokenizer.PreTokenizedText.gone(); return"
                                        + " \"mine\";"));

        assertRefused(
                old, "org.example.Provider: was built against another version of MTL", "gone()");
    }

    @Test
    void aProviderForANewerJava() throws IOException {
        PluginJar.of(folder, "newer", PluginJar.PROVIDER, PluginJar.provider());
        var classes = folder.resolve("newer-classes");
        var file = classes.resolve("org/example/Provider.class");
        var bytes = Files.readAllBytes(file);
        bytes[7] = 99;
        Files.write(file, bytes);

        assertRefused(
                PluginJar.jar(folder.resolve("newer.jar"), classes),
                "org.example.Provider: was built for a newer Java",
                "another version of MTL");
    }

    @Test
    void aJarThatIsNoneOrHasNoHead() throws IOException {
        assertRefused(
                Files.writeString(folder.resolve("text.jar"), "text"), "is not a readable jar");
        var empty = Files.createDirectories(folder.resolve("empty"));
        assertRefused(empty, "has no head", PluginJar.SERVICE);
        Files.writeString(empty.resolve("readme"), "text");
        assertRefused(PluginJar.jar(folder.resolve("empty.jar"), empty), "has no head");
    }
}
