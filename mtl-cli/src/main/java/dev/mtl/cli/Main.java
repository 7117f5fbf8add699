package dev.mtl.cli;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.error.TorchMemoryException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
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

/** {@code mtl}. */
@Command(
        name = "mtl",
        description = "Trains and runs one shared BERT sentence encoder with many task heads.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Start with:",
            "  mtl train config/quickstart.yaml",
            "  mtl predict --model runs/quickstart \"book the blue room for monday\"",
            "  mtl embed --model all-MiniLM-L6-v2 \"a sentence\"",
            "",
            "Exit codes: 0 done, 1 the work failed, 2 the call or the configuration is wrong."
        })
public final class Main {
    static final int FAILED = 1;
    static final int WRONG_CALL = 2;

    private Main() {}

    /** Runs one command and exits. */
    public static void main(String[] args) {
        var out = new FileOutputStream(FileDescriptor.out);
        var err =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(args, System.in, out, err, System.getenv()));
    }

    /** Runs one command. */
    static int run(
            String[] args,
            InputStream in,
            OutputStream out,
            PrintStream err,
            Map<String, String> environment) {
        var console = new Console(in, new Results(out), err, environment);
        var line = new CommandLine(new Main(), new Commands(console));
        Commands.addTo(line, console);
        // What is set here reaches the commands that were added before, not those added later.
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                // "@home" is a text, not a file with arguments.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, a) -> wrongCall(e, console))
                .setExecutionExceptionHandler((e, command, result) -> failure(e, args, console));
        if (args.length == 0) {
            line.usage(err);
            return WRONG_CALL;
        }
        try {
            return line.execute(args);
        } catch (Error e) { // picocli hands on exceptions only
            return failure(e, args, console);
        }
    }

    private static int wrongCall(ParameterException e, Console console) {
        say(String.valueOf(e.getMessage()), console);
        var suggestions = new StringWriter();
        CommandLine.UnmatchedArgumentException.printSuggestions(e, new PrintWriter(suggestions));
        say(suggestions.toString(), console);
        say("see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help", console);
        return WRONG_CALL;
    }

    private static int failure(Throwable e, String[] args, Console console) {
        if (e instanceof Results.ClosedPipe) {
            return 0;
        }
        boolean trace =
                java.util.Arrays.asList(args).contains("--stacktrace")
                        || "1".equals(console.environment().get("MTL_STACKTRACE"));
        if (trace) {
            e.printStackTrace(console.err());
        }
        say(message(e), console);
        var ofPlugin = ofPlugin(e);
        if (e instanceof ConfigurationException
                || (e instanceof LinkageError && ofPlugin.isPresent())) {
            return WRONG_CALL;
        }
        if (!trace && !isExpected(e)) {
            say(
                    (ofPlugin.isPresent() ? "" : "this should not have happened; ")
                            + "--stacktrace says where",
                    console);
        }
        return FAILED;
    }

    private static void say(String message, Console console) {
        message.lines().forEach(line -> console.err().println("mtl: " + line));
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
                    + "out of memory: lower training.batch_size and raise"
                    + " gradient_accumulation_steps as much, lower model.max_length, or train on"
                    + " the CPU";
        }
        if (e instanceof OutOfMemoryError) {
            return "Java's heap is full ("
                    + e.getMessage()
                    + "): allow more, such as MTL_JAVA_OPTS=-Xmx8g";
        }
        var message = e.getMessage();
        return isExpected(e) && message != null ? message : ofPlugin(e).orElseGet(e::toString);
    }

    /** What is wrong with a plugin, if an error that nobody expects came from its code. */
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
