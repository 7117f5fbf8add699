package dev.mtl.cli.option;

import picocli.CommandLine.Option;

/** Options of every command. */
public final class CommonOptions {
    /** How results are printed. */
    public enum Format {
        text,
        json
    }

    @Option(
            names = "--format",
            defaultValue = "text",
            paramLabel = "text|json",
            description =
                    "Format of the results on stdout: text for people, json for programs (one"
                            + " object per line, nothing else). Default: ${DEFAULT-VALUE}.")
    private Format format = Format.text;

    @Option(
            names = "--stacktrace",
            description = "Print the Java stack trace of an error (or set MTL_STACKTRACE=1).")
    private boolean stacktrace;

    @Option(
            names = {"-v", "--verbose"},
            description = "Log details to stderr.")
    public void verbose(boolean on) {
        if (on) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
            System.setProperty("org.slf4j.simpleLogger.log.dev.mtl", "debug");
        }
    }

    public boolean json() {
        return format == Format.json;
    }

    public boolean stacktrace() {
        return stacktrace;
    }
}
