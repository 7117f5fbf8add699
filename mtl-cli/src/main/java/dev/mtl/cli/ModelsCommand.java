package dev.mtl.cli;

import picocli.CommandLine.Command;

@Command(
        name = "models",
        description = "Lists and downloads the models that can be used by name.",
        mixinStandardHelpOptions = true,
        subcommands = {ModelsListCommand.class, ModelsPullCommand.class})
final class ModelsCommand {}
