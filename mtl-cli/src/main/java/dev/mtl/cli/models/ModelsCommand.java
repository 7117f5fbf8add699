package dev.mtl.cli.models;

import picocli.CommandLine.Command;

@Command(
        name = "models",
        description =
                "Lists, downloads and verifies the models that can be used by name, and takes"
                        + " layers out.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ModelsListCommand.class,
            ModelsPullCommand.class,
            ModelsVerifyCommand.class,
            ModelsPruneCommand.class
        })
public final class ModelsCommand {}
