package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.DeviceOption;
import dev.mtl.cli.option.ModelOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.export.LinearHead;
import dev.mtl.core.export.OnnxExport;
import dev.mtl.core.export.TransformersExport;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "export",
        description = "Converts a trained model to the files of another tool.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl export --model runs/quickstart --head slots --to transformers exported/slots",
            "  mtl export --model runs/quickstart --to onnx exported/onnx",
            "",
            "transformers: encoder and one head of tokens, answers or masked tokens, or one that"
                    + " was trained with pooler, for AutoModelForTokenClassification,"
                    + " ...ForQuestionAnswering, ...ForMaskedLM and ...ForSequenceClassification.",
            "onnx: model.onnx (opset 17) with the outputs last_hidden_state, sentence_embedding,"
                    + " and logits_TASK for each head.",
            "sentence-transformers needs no export: it reads the directory that mtl train writes."
        })
final class ExportCommand implements Callable<Integer> {
    /** The formats to export to. */
    enum Form {
        transformers,
        onnx
    }

    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private DeviceOption device = new DeviceOption();
    @Mixin private Plugins plugins = new Plugins();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "transformers|onnx",
            description = "The format to write.")
    private Form form = Form.transformers;

    @Option(
            names = "--head",
            paramLabel = "NAME",
            description =
                    "The task whose head is exported: required for transformers; default for onnx:"
                            + " every head that is a linear layer.")
    private @Nullable String head;

    @Parameters(paramLabel = "OUT", description = "The directory to write; must be new or empty.")
    private Path target = Path.of("");

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (var loaded = model.load(plugins.heads(), device)) {
            var source = ModelFiles.files(model.directory());
            switch (form) {
                case transformers ->
                        TransformersExport.write(loaded, source, headOf(loaded), target);
                case onnx -> OnnxExport.write(loaded, source, headsOf(loaded), target);
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
                    "--to transformers exports one head: name its task with --head; this model has "
                            + loaded.tasks().keySet());
        }
        return head;
    }

    /** The head that was named, else all that can be exported; reports those that cannot. */
    private List<String> headsOf(MultiTaskModel loaded) {
        if (head != null) {
            return List.of(head);
        }
        var heads = new ArrayList<String>();
        for (var name : loaded.tasks().keySet()) {
            try {
                heads.add(LinearHead.of(loaded, name).task().name());
            } catch (ConfigurationException e) {
                console.say("not exported: " + e.getMessage());
            }
        }
        return heads;
    }
}
