package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.SettingsRecord;
import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Plugins that cannot be used are answered with the jar, the class and what is wrong. */
class PluginMistakesTest {
    @TempDir Path folder;

    private Call heads(Path... plugins) {
        var args = new String[1 + 2 * plugins.length];
        args[0] = "heads";
        for (int i = 0; i < plugins.length; i++) {
            args[1 + 2 * i] = "--plugins";
            args[2 + 2 * i] = plugins[i].toString();
        }
        return Call.mtl(folder.resolve("cache"), args);
    }

    /** One line that begins with the plugin, and 2. */
    private void assertRefused(Path plugin, String... parts) {
        assertMistake(heads(plugin), parts);
        assertThat(heads(plugin).err()).startsWith("mtl: plugin " + plugin + ": ");
    }

    private static void assertMistake(Call call, String... parts) {
        assertThat(call.code()).as(call.err()).isEqualTo(2);
        assertThat(call.out()).isEmpty();
        assertThat(call.err()).contains(parts).doesNotContain("\tat ", "should not have happened");
        assertThat(call.err().lines()).hasSize(1);
    }

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
                "org.example.Provider: type() gives null");
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
                        "dev/mtl/core/head/SplitText.java",
                        "package dev.mtl.core.head; public class SplitText { public static void"
                                + " gone() {} }",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "return \"mine\";", "SplitText.gone(); return \"mine\";"));

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
                    "public API (dev.mtl.core, dev.mtl.core.head..");
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

    @Test
    void aJarThatIsNoneOrHasNoHead() throws IOException {
        assertRefused(Files.writeString(folder.resolve("text.jar"), "text"), "is no jar");
        var empty = Files.createDirectories(folder.resolve("empty"));
        assertRefused(empty, "has no head", PluginJar.SERVICE);
        Files.writeString(empty.resolve("readme"), "text");
        assertRefused(PluginJar.jar(folder.resolve("empty.jar"), empty), "has no head");
    }

    @Test
    void settingsThatYamlCannotGive() throws IOException {
        for (var type :
                List.of(
                        "java.util.List<java.lang.Integer>",
                        "java.util.Map<java.lang.String, java.lang.String>",
                        "java.nio.file.Path")) {
            assertRefused(
                    PluginJar.of(
                            folder,
                            type.replaceAll("\\W", ""),
                            PluginJar.PROVIDER,
                            PluginJar.provider(
                                    "Settings() {}",
                                    "Settings(" + type + " s) {}",
                                    "new Settings()",
                                    "new Settings(null)")),
                    "org.example.Provider: the setting s of org.example.Provider$Settings is a "
                            + type
                            + ", which YAML cannot give");
        }
        assertRefused(
                PluginJar.of(
                        folder,
                        "nested",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "record Settings() {}",
                                "record Inner(char c) {} public record Settings(Inner inner) {}",
                                "new Settings()",
                                "new Settings(new Inner('c'))")),
                "the setting c of org.example.Provider$Inner is a char");
    }

    @Test
    void settingsThatAreNamedLikeKeysOfEveryTask() throws IOException {
        for (var name : List.of("data", "head", "lossWeight", "headLr")) {
            assertRefused(
                    PluginJar.of(
                            folder,
                            name,
                            PluginJar.PROVIDER,
                            PluginJar.provider(
                                    "Settings() {}",
                                    "Settings(String " + name + ") {}",
                                    "new Settings()",
                                    "new Settings(\"\")")),
                    "the setting " + name + " of org.example.Provider$Settings can never be set");
        }
    }

    @Test
    void theSettingsOfTheHeadsThatShipCanBeGiven() {
        assertThat(HeadRegistry.load().all())
                .hasSizeGreaterThan(4)
                .allSatisfy(
                        head ->
                                assertThat(SettingsRecord.problem(head.provider().defaults()))
                                        .isEmpty());
    }

    @Test
    void aProviderThatThrowsWhatIsNoException() throws IOException {
        var thrown =
                List.of(
                        "throw new AssertionError(\"no luck\");",
                        "return type();",
                        "Provider.<RuntimeException>unseen(new java.io.IOException(\"x\"));"
                                + " return \"mine\";");
        var names = List.of("AssertionError: no luck", "StackOverflowError", "IOException: x");
        for (int i = 0; i < names.size(); i++) {
            assertRefused(
                    PluginJar.of(
                            folder,
                            "throws" + i,
                            PluginJar.PROVIDER,
                            PluginJar.provider(
                                    "return \"mine\";",
                                    thrown.get(i),
                                    "public Provider() {}",
                                    """
                                    public Provider() {}
                                    @SuppressWarnings("unchecked")
                                    static <E extends Exception> void unseen(Exception e) throws E { throw (E) e; }
                                    """)),
                    "org.example.Provider: type() throws java.",
                    names.get(i));
        }
    }

    /** What training with a plugin's head "mine" comes to. */
    private Call train(Path plugin, String keys) throws IOException {
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

    private static void assertOneLine(Call call, int code, String start, String part) {
        assertThat(call.code()).as(call.err()).isEqualTo(code);
        assertThat(call.err()).startsWith(start).contains(part);
        assertThat(call.err()).doesNotContain("should not have happened", "\tat ");
    }

    @Test
    void aHeadThatCallsWhatThisVersionHasNot() throws IOException {
        var late =
                PluginJar.of(
                        folder,
                        "late",
                        "dev/mtl/core/head/SplitText.java",
                        "package dev.mtl.core.head; public class SplitText { public static void"
                                + " gone() {} }",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "throw new IllegalArgumentException(\"no head\");",
                                "SplitText.gone(); return null;"));

        assertOneLine(
                train(late, "head: mine"),
                2,
                "mtl: plugin " + late + ": org.example.Provider: was built against another",
                "gone()");
    }

    @Test
    void aHeadOfAnotherVersionOfTheInterface() throws IOException {
        var old =
                PluginJar.of(
                        folder,
                        "old",
                        "dev/mtl/core/head/TaskHead.java",
                        "package dev.mtl.core.head; public interface TaskHead {}",
                        "org/example/Head.java",
                        "package org.example; class Head implements dev.mtl.core.head.TaskHead {}",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "throw new IllegalArgumentException(\"no head\");",
                                "return new Head();"));

        assertOneLine(
                train(old, "head: mine"),
                2,
                "mtl: plugin "
                        + old
                        + ": org.example.Head: was built against another version of MTL",
                "org.example.Head has no method public abstract ");
    }

    @Test
    void aScorerOfAnotherVersionOfTheInterface() throws IOException {
        var sources =
                new ArrayList<>(
                        List.of(
                                PluginJar.pairs(
                                        "HeadInput.SENTENCES",
                                        "HeadInput.SENTENCE",
                                        "TextCount.exactly(2)",
                                        "TextCount.ONE",
                                        "@Override public Map<String, Double> scores()",
                                        "public Map<String, Double> scores(int unknown)")));
        sources.addAll(
                List.of(
                        "dev/mtl/core/head/Scorer.java",
                        "package dev.mtl.core.head; public interface Scorer { boolean"
                                + " add(Prediction p, Target t); }"));
        var old = PluginJar.of(folder, "old", sources.toArray(String[]::new));

        assertOneLine(
                train(old, "head: pairs"),
                2,
                "mtl: plugin " + old + ": org.example.PairHead$Right: was built against another",
                "has no method public abstract java.util.Map<java.lang.String, java.lang.Double>"
                        + " dev.mtl.core.head.Scorer.scores()");
    }

    @Test
    void aHeadThatThrowsIsNamedWithItsJar() throws IOException {
        var error = "throw new IllegalStateException(\"no luck\");";
        var learning =
                PluginJar.of(
                        folder,
                        "learning",
                        PluginJar.PROVIDER,
                        PluginJar.provider("return List.of();", error));
        var making =
                PluginJar.of(
                        folder,
                        "making",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "throw new IllegalArgumentException(\"no head\");",
                                "return java.util.Objects.requireNonNull(null, \"no luck\");"));

        assertOneLine(
                train(learning, "head: mine"),
                1,
                "mtl: plugin "
                        + learning
                        + ": org.example.Provider: throws java.lang.IllegalStateException: no"
                        + " luck\n",
                "--stacktrace says where");
        assertOneLine(
                train(making, "head: mine"),
                1,
                "mtl: plugin "
                        + making
                        + ": org.example.Provider: throws java.lang.NullPointerException: no"
                        + " luck\n",
                "--stacktrace says where");
    }

    @Test
    void aHeadThatThrowsWhileItLearnsIsNamedWithItsJar() throws IOException {
        var jar =
                PluginJar.of(
                        folder,
                        "learning",
                        PluginJar.pairs(
                                "HeadInput.SENTENCES",
                                "HeadInput.SENTENCE",
                                "TextCount.exactly(2)",
                                "TextCount.ONE",
                                "input.select(1, 0).sub(input.select(1, 1))",
                                "input",
                                "labels.indexOf(",
                                "((List<String>) null).indexOf("));

        assertOneLine(
                train(jar, "head: pairs"),
                1,
                "mtl: plugin " + jar + ": org.example.PairHead: throws java.lang.NullPointer",
                "--stacktrace says where");
    }

    @Test
    void settingsThatThrowAreNamedWithFileLineAndJar() throws IOException {
        var jar =
                PluginJar.of(
                        folder,
                        "settings",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "Settings() {}",
                                "Settings(int n) { public Settings { if (n == 3) throw new"
                                        + " IllegalStateException(\"no luck\"); } }",
                                "new Settings()",
                                "new Settings(1)"));

        assertOneLine(
                train(jar, "head: mine, n: 3"),
                2,
                "mtl: " + folder.resolve("config.yaml") + ":2: tasks.task: plugin " + jar + ": ",
                "org.example.Provider$Settings throws java.lang.IllegalStateException: no luck");
    }
}
