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

/** Which trained model a command uses. */
final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A directory that mtl train wrote.")
    private Path directory = Path.of("");

    /** The model with all its weights. */
    MultiTaskModel load(HeadRegistry heads, DeviceOption device) {
        requireDirectory();
        return ModelFiles.load(directory, heads, device.choose());
    }

    /** The model for predictions alone. */
    MultiTaskModel loadForInference(HeadRegistry heads, InferenceOptions inference) {
        requireDirectory();
        return ModelFiles.loadForInference(
                directory, heads, inference.device(), inference.precision());
    }

    private void requireDirectory() {
        if (!Files.isDirectory(directory)) {
            throw new ConfigurationException("--model " + directory + ": no such directory");
        }
    }

    Path directory() {
        return directory;
    }

    static Workers workersFor(MultiTaskModel model) {
        return new Workers("mtl", Devices.workers(model.device(), null));
    }
}
