package dev.mtl.cli;

import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {
    /** How results are printed. */
    enum Format {
        text,
        json
    }

    @Option(
            names = "--format",
            defaultValue = "text",
            paramLabel = "text|json",
            description = "How results are printed; json: one object a line and nothing else.")
    Format format = Format.text;

    @Option(names = "--stacktrace", description = "Print the stack trace of an error.")
    boolean stacktrace;

    @Option(
            names = {"-v", "--verbose"},
            description = "Log what goes on to stderr.")
    void verbose(boolean on) {
        if (on) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
            System.setProperty("org.slf4j.simpleLogger.log.dev.mtl", "debug");
        }
    }

    boolean json() {
        return format == Format.json;
    }
}
