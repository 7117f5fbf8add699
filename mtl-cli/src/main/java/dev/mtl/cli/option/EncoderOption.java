package dev.mtl.cli.option;

import picocli.CommandLine.Option;

/** The encoder of a command that embeds texts. */
public final class EncoderOption {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME_OR_DIR",
            description =
                    "A name of mtl models list, a directory, hf:org/name[@revision] or"
                            + " maven:group:artifact:version[:classifier].")
    private String model = "";

    /** Its name or directory, as it was given. */
    public String name() {
        return model;
    }
}
