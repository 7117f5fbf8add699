package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Results;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.WrongCall;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.error.TorchMemoryException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The command {@code mtl}. */
@Command(
        name = "mtl",
        description =
                "Trains one shared BERT encoder with many task heads, and runs what was trained.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Getting started:",
            "  mtl train config/quickstart.yaml          train two heads on the sample data",
            "  mtl evaluate --model runs/quickstart      score them on the validation split",
            "  mtl predict --model runs/quickstart \"book the blue room for monday\"",
            "  mtl embed --model all-MiniLM-L6-v2 \"a sentence\"",
            "  mtl doctor                                if something does not work",
            "",
            "Results go to stdout, progress and messages to stderr.",
            "Exit codes: 0 done, 1 the work failed, 2 the call or the configuration is wrong."
        })
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        var out = new FileOutputStream(FileDescriptor.out);
        var err =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(args, System.in, out, err, System.getenv()));
    }

    /** Runs one command and returns its exit code. */
    static int run(
            String[] args,
            InputStream in,
            OutputStream out,
            PrintStream err,
            Map<String, String> environment) {
        var console = new Console(in, new Results(out), err, environment);
        var line = new CommandLine(new Main(), new Commands(console));
        Commands.addTo(line, console);
        // Settings reach the commands that were added before, not those added later.
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                // "@home" is a text, not the name of a file with arguments.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, a) -> wrongCall(e, console))
                .setExecutionExceptionHandler((e, command, result) -> failure(e, line, console));
        if (args.length == 0) {
            line.usage(err);
            return ExitCode.USAGE;
        }
        try {
            return line.execute(args);
        } catch (Error e) { // picocli's handler gets exceptions only
            return failure(e, line, console);
        }
    }

    private static int wrongCall(ParameterException e, Console console) {
        var message = WrongCall.message(e);
        say(message, console);
        if (message.equals(e.getMessage())) {
            var suggestions = new StringWriter();
            CommandLine.UnmatchedArgumentException.printSuggestions(
                    e, new PrintWriter(suggestions));
            say(suggestions.toString(), console);
        }
        say("see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help", console);
        return ExitCode.USAGE;
    }

    private static int failure(Throwable e, CommandLine line, Console console) {
        if (e instanceof Results.ClosedPipe) {
            return 0;
        }
        boolean trace = wantsStackTrace(line, console);
        if (trace) {
            e.printStackTrace(console.err());
        }
        say(message(e), console);
        var ofPlugin = ofPlugin(e);
        if (e instanceof ConfigurationException
                || (e instanceof LinkageError && ofPlugin.isPresent())) {
            return ExitCode.USAGE;
        }
        if (!trace && !isExpected(e)) {
            say(
                    (ofPlugin.isPresent() ? "" : "internal error; ")
                            + "run the command again with --stacktrace to see where",
                    console);
        }
        return ExitCode.SOFTWARE;
    }

    /** Whether the command was given {@code --stacktrace}; after {@code --} it is a text. */
    private static boolean wantsStackTrace(CommandLine line, Console console) {
        for (var result = line.getParseResult(); result != null; result = result.subcommand()) {
            for (var mixin : result.commandSpec().mixins().values()) {
                if (mixin.userObject() instanceof CommonOptions options && options.stacktrace()) {
                    return true;
                }
            }
        }
        return "1".equals(console.environment().get("MTL_STACKTRACE"));
    }

    private static void say(String message, Console console) {
        console.say(message);
    }

    private static boolean isExpected(Throwable e) {
        return e instanceof MtlException
                || e instanceof TorchException
                || e instanceof OutOfMemoryError;
    }

    private static String message(Throwable e) {
        if (e instanceof TorchMemoryException) {
            return e.getMessage()
                    + "\n"
                    + "out of memory: halve training.batch_size and double"
                    + " training.gradient_accumulation_steps, lower model.max_length, or train on"
                    + " the CPU";
        }
        if (e instanceof OutOfMemoryError
                && String.valueOf(e.getMessage()).contains("native thread")) {
            return "the system allows this process no more threads, or no more memory: see ulimit"
                    + " -a, and the limits of the container";
        }
        if (e instanceof OutOfMemoryError) {
            return "Java's heap is full ("
                    + e.getMessage()
                    + "): allow more, for instance with MTL_JAVA_OPTS=-Xmx8g";
        }
        var message = e.getMessage();
        return isExpected(e) && message != null ? message : ofPlugin(e).orElseGet(e::toString);
    }

    /** Names the plugin that an unexpected error came from, if it came from one. */
    private static Optional<String> ofPlugin(Throwable e) {
        return isExpected(e) ? Optional.empty() : PluginFailures.explain(e);
    }

    /** What {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"mtl " + (version == null ? "(development build)" : version)};
        }
    }
}
