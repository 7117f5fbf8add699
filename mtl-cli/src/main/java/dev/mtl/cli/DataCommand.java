package dev.mtl.cli;

import picocli.CommandLine.Command;

@Command(
        name = "data",
        description = "Inspects the data of a configuration.",
        mixinStandardHelpOptions = true,
        subcommands = DataCheckCommand.class)
final class DataCommand {}
