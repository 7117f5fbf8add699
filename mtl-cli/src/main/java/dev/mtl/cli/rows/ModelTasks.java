package dev.mtl.cli.rows;

import dev.mtl.cli.console.Console;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.config.TaskConfig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The tasks of the configuration that a model was trained with, which is kept beside it: they say
 * how their data is read.
 *
 * @param model its directory
 * @param only these tasks; empty for all
 */
public record ModelTasks(Path model, List<String> only) {
    /** Those that learned from files of a format; none if the configuration cannot be read. */
    public List<TaskConfig> of(InputFormat format, Console console, HeadRegistry heads) {
        var file = model.resolve(RunConfig.FILE);
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            return ConfigLoader.load(file, console.environment(), List.of(), heads)
                    .tasks()
                    .values()
                    .stream()
                    .filter(task -> only.isEmpty() || only.contains(task.name()))
                    .filter(task -> format.reads(task.data().settings()))
                    .toList();
        } catch (MtlException e) {
            console.say(
                    "the columns that the model learned from are not known, --text-field names the"
                            + " text: "
                            + e.getMessage());
            return List.of();
        }
    }
}
