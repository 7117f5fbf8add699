package dev.mtl.cli;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Workers;

import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;

/** Which trained model a command uses, and where it runs. */
final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A directory that mtl train wrote.")
    private Path directory = Path.of("");

    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "auto|cpu|cuda|cuda:N",
            description = "Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    MultiTaskModel load(HeadRegistry heads) {
        if (!Files.isDirectory(directory)) {
            throw new ConfigurationException("--model " + directory + ": no such directory");
        }
        return ModelFiles.load(directory, heads, Devices.choose(device));
    }

    Path directory() {
        return directory;
    }

    static Workers workersFor(MultiTaskModel model) {
        return new Workers("mtl", Devices.workers(model.device(), null));
    }
}
