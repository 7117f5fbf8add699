package dev.mtl.cli.option;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.store.ModelStore;

import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;

/** The trained model of a command. */
public final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "The directory of a trained model, as mtl train writes it.")
    private Path directory = Path.of("");

    /** Loads the model for training or export. */
    public MultiTaskModel load(HeadRegistry heads, DeviceOption device) {
        requireDirectory();
        return ModelFiles.load(directory, heads, device.choose());
    }

    /**
     * The directory.
     *
     * @throws ConfigurationException if there is none, for instance because it is the name of an
     *     encoder
     */
    public Path requireDirectory() {
        return requireDirectory("--model", directory);
    }

    /** The same for the directory of another option. */
    public static Path requireDirectory(String option, Path directory) {
        if (Files.isDirectory(directory)) {
            return directory;
        }
        var name = directory.toString();
        if (ModelStore.isName(name)) {
            throw new ConfigurationException(
                    option
                            + " "
                            + name
                            + " is an encoder, without tasks: mtl embed --model "
                            + name
                            + " computes its embeddings, and mtl train adds tasks to it");
        }
        throw new ConfigurationException(option + " " + directory + ": no such directory");
    }

    public Path directory() {
        return directory;
    }
}
