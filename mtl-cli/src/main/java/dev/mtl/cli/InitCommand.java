package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.init.Draft;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "init",
        description = {
            "Looks at data files and writes a configuration that trains on them to stdout:",
            "format, columns, tasks with their heads, splits."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl init train.csv > banking.yaml",
            "  mtl init train.jsonl validation.jsonl test.jsonl > ner.yaml",
            "",
            "A file whose name has train, dev, valid or test in it is that split; mtl data check",
            "and mtl train take the configuration."
        })
final class InitCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Data files of one format, or folders in the JointBERT layout.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--backbone",
            paramLabel = "NAME_OR_DIR",
            defaultValue = "all-MiniLM-L6-v2",
            description = "The pretrained model to start from. Default: ${DEFAULT-VALUE}.")
    private String backbone = "";

    InitCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Draft.of(files, backbone).forEach(console::result);
        return 0;
    }
}
