package dev.mtl.cli;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a plugin throws while its head is made, learns or predicts is named with its jar. */
class PluginHeadFailuresTest extends PluginCalls {
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

    @Test
    void aHeadThatCallsWhatThisVersionHasNot() throws IOException {
        var late =
                PluginJar.of(
                        folder,
                        "late",
                        "dev/mtl/core/tokenizer/PreTokenizedText.java",
                        "package dev.mtl.core.tokenizer; public class PreTokenizedText { public"
                                + " static void gone() {} }",
                        PluginJar.PROVIDER,
                        PluginJar.provider(
                                "throw new IllegalArgumentException(\"no head\");",
                                "dev.mtl.core.tokenizer.PreTokenizedText.gone(); return null;"));

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
                        "package dev.mtl.core.head; public interface TaskHead<T> {}",
                        "org/example/Head.java",
                        "package org.example; class Head implements"
                                + " dev.mtl.core.head.TaskHead<String> {}",
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
    void aMetricOfAnotherVersionOfTheInterface() throws IOException {
        var sources =
                new ArrayList<>(
                        List.of(
                                PluginJar.pairs(
                                        "HeadInput.SENTENCES",
                                        "HeadInput.SENTENCE",
                                        "TextArity.exactly(2)",
                                        "TextArity.ONE",
                                        "@Override public Map<String, Double> scores()",
                                        "public Map<String, Double> scores(int unknown)")));
        sources.addAll(
                List.of(
                        "dev/mtl/core/head/Metric.java",
                        "package dev.mtl.core.head; public interface Metric { boolean"
                                + " add(Prediction p, Target t); }"));
        var old = PluginJar.of(folder, "old", sources.toArray(String[]::new));

        assertOneLine(
                train(old, "head: pairs"),
                2,
                "mtl: plugin " + old + ": org.example.PairHead$Right: was built against another",
                "has no method public abstract java.util.Map<java.lang.String, java.lang.Double>"
                        + " dev.mtl.core.head.Metric.scores()");
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
                "run the command again with --stacktrace to see where");
        assertOneLine(
                train(making, "head: mine"),
                1,
                "mtl: plugin "
                        + making
                        + ": org.example.Provider: throws java.lang.NullPointerException: no"
                        + " luck\n",
                "run the command again with --stacktrace to see where");
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
                                "TextArity.exactly(2)",
                                "TextArity.ONE",
                                "input.select(1, 0).sub(input.select(1, 1))",
                                "input",
                                "labels.indexOf(",
                                "((List<String>) null).indexOf("));

        assertOneLine(
                train(jar, "head: pairs"),
                1,
                "mtl: plugin " + jar + ": org.example.PairHead: throws java.lang.NullPointer",
                "run the command again with --stacktrace to see where");
    }
}
