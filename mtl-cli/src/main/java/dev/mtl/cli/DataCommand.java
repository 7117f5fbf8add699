package dev.mtl.cli;

import dev.mtl.cli.search.DataMineCommand;

import picocli.CommandLine.Command;

@Command(
        name = "data",
        description = "Inspects the data of a configuration, and mines it.",
        mixinStandardHelpOptions = true,
        subcommands = {DataCheckCommand.class, DataMineCommand.class})
final class DataCommand {}
