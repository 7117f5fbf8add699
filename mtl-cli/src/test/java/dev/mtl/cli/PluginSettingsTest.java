package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.plugin.SettingsRecord;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

/** Settings of heads that no configuration can give, or that throw. */
class PluginSettingsTest extends PluginCalls {
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
