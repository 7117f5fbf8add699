package dev.mtl.cli.models;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.core.bert.ModelType;
import dev.mtl.core.store.ModelStore.StoredModel;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

@Command(
        name = "list",
        description = "Lists the models with a short name, and all others in the cache.",
        mixinStandardHelpOptions = true)
public final class ModelsListCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    public ModelsListCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        for (var model : console.store().list()) {
            if (common.json()) {
                console.json(json(model));
            } else {
                console.result(
                        String.format(
                                Locale.ROOT,
                                "%-22s %6.0f MB  %s  %s",
                                model.name(),
                                model.bytes() / 1e6,
                                model.directory().map(Object::toString).orElse("(not downloaded)"),
                                model.source()));
            }
        }
        if (!common.json()) {
            console.say(
                    "a directory, or hf:org/name, is a model, too, if its config.json has one of"
                            + " the model_types "
                            + String.join(", ", ModelType.known()));
        }
        return 0;
    }

    static Map<String, Object> json(StoredModel model) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", model.name());
        json.put("source", model.source());
        json.put("directory", model.directory().map(Object::toString).orElse(null));
        json.put("size", model.bytes());
        return json;
    }
}
