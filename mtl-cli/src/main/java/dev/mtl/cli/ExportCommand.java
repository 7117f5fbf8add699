package dev.mtl.cli;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.export.TransformersExport;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;

@Command(
        name = "export",
        description = "Writes a trained model as the files of another tool.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl export --model runs/quickstart --head slots --to transformers exported/slots",
            "",
            "transformers: the encoder and one token head, for AutoModelForTokenClassification.",
            "sentence-transformers needs no export: it reads the directory that mtl train wrote."
        })
final class ExportCommand implements Callable<Integer> {
    /** What a model can be written as. */
    enum Form {
        transformers
    }

    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "transformers",
            description = "What to write.")
    private Form form = Form.transformers;

    @Option(
            names = "--head",
            paramLabel = "NAME",
            description = "The task whose head is written too; transformers takes exactly one.")
    private @Nullable String head;

    @Parameters(paramLabel = "OUT", description = "A new or empty directory.")
    private Path target = Path.of("");

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (var loaded = model.load(plugins.heads())) {
            var source = ModelFiles.files(model.directory());
            switch (form) {
                case transformers ->
                        TransformersExport.write(loaded, source, headOf(loaded), target);
            }
        }
        if (common.json()) {
            var json = new LinkedHashMap<String, Object>();
            json.put("directory", target.toString());
            console.json(json);
        } else {
            console.result(target.toString());
        }
        return 0;
    }

    private String headOf(MultiTaskModel loaded) {
        if (head == null) {
            throw new ConfigurationException(
                    "--to transformers writes one head: name it by --head; this model has "
                            + loaded.tasks().keySet());
        }
        return head;
    }
}
