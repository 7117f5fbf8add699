package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.option.ServerOptions;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.server.ModelServer;
import dev.mtl.server.settings.ModelSource;
import dev.mtl.server.settings.ServerSettings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;

@Command(
        name = "serve",
        description =
                "Serves trained models and encoders over HTTP: embeddings, labels, entities and"
                        + " pairs, in the formats of text-embeddings-inference, OpenAI and the Open"
                        + " Inference Protocol. docs/serving.md describes the routes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl serve --model runs/quickstart",
            "  mtl serve --model intents=runs/quickstart --model all-MiniLM-L6-v2 --port 9000",
            "  MTL_API_KEY=secret mtl serve --model runs/quickstart --host 0.0.0.0",
            "",
            "A page to try the models is at the address that the command prints. Ctrl-C or SIGTERM"
                    + " ends the server after the requests that have begun."
        })
final class ServeCommand implements Callable<Integer> {
    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)");

    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "[NAME=]DIR",
            description =
                    "The directory of a trained model, or an encoder as of mtl embed. Repeatable;"
                            + " the first answers requests that name no model. Default name: the"
                            + " last part of the directory.")
    private List<String> models = new ArrayList<>();

    @Mixin private ServerOptions server = new ServerOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Option(
            names = "--max-batch-tokens",
            paramLabel = "N",
            description =
                    "Compute at most N tokens at once, padding included. Default: what suits the"
                            + " processor.")
    private @Nullable Integer maxBatchTokens;

    ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (maxBatchTokens != null && maxBatchTokens < 1) {
            throw new ConfigurationException(
                    "--max-batch-tokens " + maxBatchTokens + ": a positive integer");
        }
        var pipelines =
                PipelineOptions.defaults()
                        .withHeads(plugins.heads())
                        .withDevice(inference.device().toString())
                        .withPrecision(inference.precision())
                        .withBatchTokens(maxBatchTokens);
        var settings =
                server.settings(
                        models.stream().map(this::source).toList(),
                        pipelines,
                        console.environment().get("MTL_API_KEY"));
        warnIfOpen(settings);
        var ended = new CountDownLatch(1);
        try (var running = ModelServer.start(settings)) {
            var hook = new Thread(() -> end(running, ended), "mtl-shutdown");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                console.err().println("mtl: serving on " + running.url());
                if (common.json()) {
                    console.json(Map.of("url", running.url()));
                }
                ended.await();
            } finally {
                remove(hook);
            }
        }
        return 0;
    }

    private static void end(ModelServer running, CountDownLatch ended) {
        running.close();
        ended.countDown();
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is already shutting down, and the hook is running.
        }
    }

    private ModelSource source(String model) {
        var named = NAMED.matcher(model);
        boolean hasName = named.matches() && !Files.exists(Path.of(model));
        var source = hasName ? named.group(2) : model;
        var progress = new Progress(console);
        var files = console.store().resolve(source, progress);
        progress.finished();
        return new ModelSource(hasName ? named.group(1) : lastPart(source), files);
    }

    private static String lastPart(String source) {
        var path = source.replaceAll("[/\\\\]+$", "");
        var last = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        var name = last.substring(last.lastIndexOf(':') + 1).replaceAll("[^A-Za-z0-9._-]", "-");
        return name.matches("[A-Za-z0-9].*") ? name : "model";
    }

    private void warnIfOpen(ServerSettings settings) {
        if (settings.apiKey() == null && !isLoopback(settings.host())) {
            console.err()
                    .println(
                            "mtl: warning: everybody who reaches "
                                    + settings.host()
                                    + " may use this server: give it --api-key or MTL_API_KEY");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ConfigurationException("--host " + host + ": no such address", e);
        }
    }
}
