package dev.mtl.cli.models;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.store.ModelStore;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

@Command(
        name = "pull",
        description = "Downloads a model into the cache, so that it can be used offline.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl models pull all-MiniLM-L6-v2",
            "  mtl models pull hf:sentence-transformers/paraphrase-MiniLM-L3-v2"
        })
public final class ModelsPullCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "NAME",
            description =
                    "A name of mtl models list, hf:org/name[@revision] or"
                            + " maven:group:artifact:version[:classifier].")
    private String name = "";

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description =
                    "The branch, tag, commit or pull request (refs/pr/N) of an hf: model; default:"
                            + " main.")
    private @Nullable String revision;

    @Option(
            names = "--insecure",
            description =
                    "Send the hub's access token even if HF_ENDPOINT is an http address of another"
                            + " host, where everybody on the way can read it.")
    private boolean insecure;

    public ModelsPullCommand(Console console) {
        this.console = console;
    }

    private String atRevision() {
        if (revision == null) {
            return name;
        }
        if (!name.startsWith("hf:") || name.contains("@")) {
            throw new ConfigurationException(
                    "--revision is for hf:org/name without @revision, not for " + name);
        }
        return name + "@" + revision;
    }

    @Override
    public Integer call() {
        var progress = new Progress(console);
        var store =
                insecure ? new ModelStore(console.settings().withInsecureToken()) : console.store();
        var model = store.resolve(atRevision(), progress);
        progress.finished();
        var pulled =
                store.list().stream()
                        .filter(m -> m.directory().filter(d -> same(d, model.path())).isPresent())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new ConfigurationException(
                                                name
                                                        + " is a directory, there is nothing to"
                                                        + " download; use it as --model "
                                                        + name));
        store.verify(atRevision());
        if (common.json()) {
            console.json(ModelsListCommand.json(pulled));
        } else {
            console.result(model.path().toString());
        }
        return 0;
    }

    private static boolean same(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other);
    }
}
