package dev.mtl.cli.models;

import picocli.CommandLine.Command;

@Command(
        name = "models",
        description = "Lists, downloads and verifies the models that can be used by name.",
        mixinStandardHelpOptions = true,
        subcommands = {ModelsListCommand.class, ModelsPullCommand.class, ModelsVerifyCommand.class})
public final class ModelsCommand {}
