package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.Plugins;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.concurrent.Callable;

@Command(
        name = "heads",
        description =
                "Lists the available head types, their providers, and where they come from; and the"
                        + " data formats of plug-ins.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl heads",
            "  mtl heads --plugins my-heads.jar",
            "",
            "A type is used as the key head of a task, see docs/heads.md; to write one yourself:",
            "docs/writing-a-head.md."
        })
final class HeadsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();

    HeadsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var found = plugins.heads();
        found.all().forEach(head -> show("type", head.type(), head.provider(), head.origin()));
        found.formats()
                .forEach(
                        format ->
                                show("format", format.name(), format.provider(), format.origin()));
        return 0;
    }

    /**
     * Prints a line.
     *
     * @param key of the name in JSON: {@code type} of a head, or {@code format}
     */
    private void show(String key, String name, Object provider, String origin) {
        var type = provider.getClass().getName();
        if (common.json()) {
            var json = new LinkedHashMap<String, Object>();
            json.put(key, name);
            json.put("provider", type);
            json.put("origin", origin);
            console.json(json);
        } else {
            var shown = key.equals("format") ? "format: " + name : name;
            console.result(String.format(Locale.ROOT, "%-28s %s  %s", shown, type, origin));
        }
    }
}
