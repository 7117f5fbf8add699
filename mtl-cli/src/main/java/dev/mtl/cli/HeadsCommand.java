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
        description = "Lists the available head types, their providers, and where they come from.",
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
        for (var head : plugins.heads().all()) {
            var provider = head.provider().getClass().getName();
            if (common.json()) {
                var json = new LinkedHashMap<String, Object>();
                json.put("type", head.type());
                json.put("provider", provider);
                json.put("origin", head.origin());
                console.json(json);
            } else {
                console.result(
                        String.format(
                                Locale.ROOT, "%-28s %s  %s", head.type(), provider, head.origin()));
            }
        }
        return 0;
    }
}
