package dev.mtl.cli.models;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.store.ModelStore.StoredModel;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "verify",
        description =
                "Compares the files of models in the cache with their checksums: all models, or the"
                        + " named ones.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The exit code is 1 if a file is damaged. Loading a model does the same for files that"
                    + " were not compared for a day; MTL_VERIFY=always compares all of them each"
                    + " time, MTL_VERIFY=never none.",
            "",
            "Example:",
            "  mtl models verify all-MiniLM-L6-v2"
        })
public final class ModelsVerifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Names of mtl models list.")
    private List<String> names = List.of();

    public ModelsVerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var store = console.store();
        var chosen = names;
        if (chosen.isEmpty()) {
            chosen =
                    store.list().stream()
                            .filter(model -> model.directory().isPresent())
                            .map(StoredModel::name)
                            .toList();
        }
        boolean whole = true;
        for (var name : chosen) {
            var fault = "";
            try {
                store.verify(name);
            } catch (ConfigurationException e) {
                throw e; // there is no such model
            } catch (MtlException e) {
                fault = String.valueOf(e.getMessage());
                whole = false;
            }
            report(name, fault);
        }
        return whole ? 0 : ExitCode.SOFTWARE;
    }

    private void report(String name, String fault) {
        if (common.json()) {
            var json = new LinkedHashMap<String, Object>();
            json.put("name", name);
            json.put("ok", fault.isEmpty());
            json.put("problem", fault.isEmpty() ? null : fault);
            console.json(json);
        } else {
            console.result(fault.isEmpty() ? "ok       " + name : "PROBLEM  " + fault);
        }
    }
}
